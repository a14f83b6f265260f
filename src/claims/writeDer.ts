import { TAG } from "#claims/strictDer.ts";

/** One DER value (X.690 section 8.1): `contents` one after another under the given identifier octet. */
export const writeDer = (tag: number, ...contents: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag, ...lengthOctets(content.byteLength)]), content]);
};

/** OBJECT IDENTIFIER from dotted decimals (X.690 section 8.19). */
export const writeDerOid = (dotted: string): Buffer => {
  const [root = 0n, second = 0n, ...arcs] = dotted.split(".").map(BigInt);
  return writeDer(TAG.oid, Buffer.from([root * 40n + second, ...arcs].flatMap(base128)));
};

/** INTEGER in its only encoding (X.690 section 8.3.2); bytes are an unsigned big-endian number, such as a serial number. */
export const writeDerInteger = (value: number | bigint | Uint8Array): Buffer => {
  const number = typeof value === "object" ? BigInt(`0x0${Buffer.from(value).toString("hex")}`) : BigInt(value);
  const digits = twosComplement(number);
  return writeDer(TAG.integer, digits);
};

/** A time of a certificate, to the second: UTCTime for the years 1950 to 2049, else GeneralizedTime (RFC 5280 section 4.1.2.5). */
export const writeDerTime = (time: Date): Buffer => {
  const digits = `${time.toISOString().slice(0, 19).replace(/[-:T]/g, "")}Z`;
  const isShort = time.getUTCFullYear() >= 1950 && time.getUTCFullYear() < 2050;
  return writeDer(isShort ? TAG.utcTime : TAG.generalizedTime, Buffer.from(isShort ? digits.slice(2) : digits));
};

/** BIT STRING; the last `unused` bits of the last octet do not count (X.690 section 8.6). */
export const writeDerBits = (octets: Uint8Array, unused = 0): Buffer =>
  writeDer(TAG.bitString, Buffer.from([unused]), octets);

const lengthOctets = (length: number): readonly number[] => {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [0x80 | octets.length, ...octets];
};

const base128 = (arc: bigint): readonly number[] => {
  const septets = [Number(arc & 0x7fn)];
  for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) septets.unshift(Number(rest & 0x7fn) | 0x80);
  return septets;
};

/** The shortest octets whose first bit is the sign. */
const twosComplement = (number: bigint): Buffer => {
  let octets = 1;
  while (BigInt.asIntN(8 * octets, number) !== number) octets += 1;
  return Buffer.from(
    BigInt.asUintN(8 * octets, number)
      .toString(16)
      .padStart(2 * octets, "0"),
    "hex",
  );
};
