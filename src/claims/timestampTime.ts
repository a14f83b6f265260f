import { DER, derMember, derWithin, readDer } from "#claims/der.ts";

// id-ct-TSTInfo, 1.2.840.113549.1.9.16.1.4 (RFC 3161 section 2.4.2).
const TST_INFO = "2a864886f70d0109100104";

/** The time that a TimeStampResp says, unverified; undefined where it cannot be found in it. */
export const timestampTime = (response: Uint8Array): Date | undefined => {
  const token = derWithin(derWithin(readDer(response), 0, DER.sequence), 1, DER.sequence);
  const signed = derWithin(derWithin(token, 1, derMember(0)), 0, DER.sequence);
  const encapsulated = derWithin(signed, 2, DER.sequence);
  if (hexOf(encapsulated?.[0]?.content) !== TST_INFO) return undefined;
  const octets = derWithin(encapsulated, 1, derMember(0))?.[0];
  const info = octets?.tag === DER.octetString ? derWithin(readDer(octets.content), 0, DER.sequence) : undefined;
  const time = info?.[4];
  return time?.tag === DER.generalizedTime ? readTime(Buffer.from(time.content).toString("latin1")) : undefined;
};

const hexOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString("hex");

// RFC 3161 section 2.4.2: in UTC, with a fraction of any length. That it must not end in zero is for verification to say.
const TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d+))?Z$/;

const readTime = (text: string): Date | undefined => {
  const [, year, month, day, hour, minute, second, fraction = ""] = TIME.exec(text) ?? [];
  if (year === undefined) return undefined;
  const millis = fraction.padEnd(3, "0").slice(0, 3);
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${millis}Z`);
  return Number.isNaN(time.getTime()) ? undefined : time;
};
