import { WaybillError } from "#core/errors.ts";

/** One value of DER (X.690 section 8.1), read to the letter. */
export interface Der {
  /** Identifier octet. */
  readonly tag: number;
  /** Identifier, length and content: the exact bytes that a signature may be over. */
  readonly bytes: Uint8Array;
  readonly content: Uint8Array;
}

/** Identifier octets of the universal types that certificates and timestamps are made of. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The identifier octet of `[number]`, constructed as in `[3] EXPLICIT`, or primitive as in `[1] IMPLICIT IA5String`. */
export const contextTag = (number: number, constructed = true): number => (constructed ? 0xa0 : 0x80) | number;

/**
 * The one value that `bytes` are. `what` names it in errors. INPUT_INVALID for anything but DER: indefinite or padded
 * lengths, tags of several octets, bytes after the value.
 */
export const readDerValue = (bytes: Uint8Array, what: string): Der => {
  const value = readAt(bytes, 0, what);
  if (value.bytes.byteLength !== bytes.byteLength) throw bad(what, "has bytes after its end");
  return value;
};

/** The values within a constructed one of the given tag. */
export const readDerList = (value: Der | undefined, tag: number, what: string): readonly Der[] => {
  const { content } = demandTag(value, tag, what);
  const list: Der[] = [];
  for (let at = 0; at < content.byteLength;) {
    const one = readAt(content, at, what);
    list.push(one);
    at += one.bytes.byteLength;
  }
  return list;
};

/**
 * The value itself, given that all within it is DER down to the last primitive value, also where nobody reads it: so no
 * reader takes it for something else. INPUT_INVALID, also for nesting that no format has.
 */
export const demandDerTree = (value: Der, what: string, depth = 0): Der => {
  const isConstructed = (value.tag & 0x20) !== 0;
  const isUniversal = value.tag < 0x40;
  // Of the universal types, SEQUENCE and SET alone have parts (X.690 section 10.2); 0 ends indefinite lengths.
  if (isUniversal && isConstructed !== CONSTRUCTED.has(value.tag & 0x1f))
    throw bad(what, "has a string in parts, or a list that is none");
  if (value.tag === 0) throw bad(what, "has the tag 0x0, which DER does not know");
  if (depth > MAX_DEPTH) throw bad(what, `is nested more than ${MAX_DEPTH} deep`);
  if (isConstructed) for (const part of readDerList(value, value.tag, what)) demandDerTree(part, what, depth + 1);
  return value;
};

const CONSTRUCTED: ReadonlySet<number> = new Set([0x10, 0x11]);

// The deepest parts of certificates and timestamps are about 15 deep.
const MAX_DEPTH = 40;

/** The value itself, given that it has the tag. */
export const demandTag = (value: Der | undefined, tag: number, what: string): Der => {
  if (value === undefined) throw bad(what, "is missing");
  if (value.tag === tag) return value;
  throw bad(what, `has the tag 0x${value.tag.toString(16)} where 0x${tag.toString(16)} belongs`);
};

/** Content octets of an INTEGER in its only encoding (X.690 section 8.3.2): big-endian two's complement. */
export const readDerInteger = (value: Der | undefined, what: string): Uint8Array => {
  const { content } = demandTag(value, TAG.integer, what);
  const [first, second = 0] = content;
  if (first === undefined) throw bad(what, "is an INTEGER without content");
  const isPadded = content.byteLength > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
  if (isPadded) throw bad(what, "is an INTEGER with superfluous octets");
  return content;
};

/** An INTEGER from 0 to 2^31 - 1, such as a version. */
export const readDerNumber = (value: Der | undefined, what: string): number => {
  const content = readDerInteger(value, what);
  if (content.byteLength > 4 || (content[0] ?? 0) >= 0x80) throw bad(what, "is no small number");
  return Buffer.from(content).readUIntBE(0, content.byteLength);
};

/** A BOOLEAN, whose true is 0xff alone (X.690 section 11.1). */
export const readDerBoolean = (value: Der | undefined, what: string): boolean => {
  const { content } = demandTag(value, TAG.boolean, what);
  if (content.byteLength !== 1 || (content[0] !== 0 && content[0] !== 0xff)) throw bad(what, "is no BOOLEAN");
  return content[0] === 0xff;
};

/** The octets of a BIT STRING that has whole octets, as signatures and keys do. */
export const readDerBits = (value: Der | undefined, what: string): Uint8Array => {
  const { content } = demandTag(value, TAG.bitString, what);
  if (content[0] !== 0) throw bad(what, "is a BIT STRING that does not end with an octet");
  return content.subarray(1);
};

/** An OBJECT IDENTIFIER in dotted decimals (X.690 section 8.19). */
export const readDerOid = (value: Der | undefined, what: string): string => {
  const { content } = demandTag(value, TAG.oid, what);
  if (content.byteLength === 0 || content.byteLength > MAX_OID) throw bad(what, "is no OBJECT IDENTIFIER");
  const arcs: (number | bigint)[] = [];
  for (let at = 0; at < content.byteLength;) {
    if (content[at] === 0x80) throw bad(what, "is an OBJECT IDENTIFIER with superfluous octets");
    let end = at;
    while ((content[end] ?? 0) >= 0x80) end += 1;
    if (end === content.byteLength) throw bad(what, "is no OBJECT IDENTIFIER");
    arcs.push(readArc(content.subarray(at, end + 1)));
    at = end + 1;
  }
  const [first = 0, ...rest] = arcs;
  if (typeof first === "bigint") return [2, first - 80n, ...rest].join(".");
  const root = first < 80 ? Math.floor(first / 40) : 2;
  return [root, first - root * 40, ...rest].join(".");
};

// Certificates name some thirty of them: numbers are several times as fast, and seven octets of seven bits are exact.
const EXACT_OCTETS = 7;

const readArc = (octets: Uint8Array): number | bigint =>
  octets.byteLength > EXACT_OCTETS
    ? octets.reduce((arc, octet) => (arc << 7n) | BigInt(octet & 0x7f), 0n)
    : octets.reduce((arc, octet) => arc * 128 + (octet & 0x7f), 0);

// The longest in use have about twenty octets.
const MAX_OID = 64;

const UTC_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;
const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;

/** A time of a certificate: UTCTime or GeneralizedTime to the second, in UTC (RFC 5280 section 4.1.2.5). */
export const readDerTime = (value: Der | undefined, what: string): Date => {
  const text = Buffer.from(value?.content ?? []).toString("latin1");
  const isShort = value?.tag === TAG.utcTime;
  if (!isShort) demandTag(value, TAG.generalizedTime, what);
  const [, year = "", ...rest] = (isShort ? UTC_TIME : GENERALIZED_TIME).exec(text) ?? [];
  // Two digits from 50 on are of the twentieth century.
  const century = isShort ? (Number(year) >= 50 ? "19" : "20") : "";
  const time = timeOf(`${century}${year}`, rest);
  if (time === undefined) throw bad(what, "is no time");
  return time;
};

/** The date rolls over for a 31st of February, and then its text is another. */
const timeOf = (year: string, [month, day, hour, minute, second]: readonly string[]): Date | undefined => {
  const text = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const time = new Date(text);
  return Number.isNaN(time.getTime()) || time.toISOString() !== text ? undefined : time;
};

// No certificate, timestamp or part of one is larger.
const MAX_LENGTH_OCTETS = 3;

const readAt = (bytes: Uint8Array, at: number, what: string): Der => {
  const [tag, first] = [bytes[at], bytes[at + 1]];
  if (tag === undefined || first === undefined) throw bad(what, "breaks off");
  if ((tag & 0x1f) === 0x1f) throw bad(what, "has a tag of several octets");
  const count = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || count > MAX_LENGTH_OCTETS)
    throw bad(what, "has a length that DER does not know, or is too long");
  const start = at + 2 + count;
  if (start > bytes.byteLength) throw bad(what, "breaks off");
  let length = count === 0 ? first : 0;
  for (let octet = at + 2; octet < start; octet++) length = length * 256 + (bytes[octet] ?? 0);
  if (count > 0 && (length < 0x80 || bytes[at + 2] === 0)) throw bad(what, "has a padded length");
  const end = start + length;
  if (end > bytes.byteLength) throw bad(what, "breaks off");
  return { tag, bytes: bytes.subarray(at, end), content: bytes.subarray(start, end) };
};

const bad = (what: string, why: string): WaybillError => new WaybillError("INPUT_INVALID", `${what} ${why}`);
