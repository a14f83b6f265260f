import { contextTag, demandTag, readDerList, readDerOid, readDerValue, TAG } from "#claims/strictDer.ts";
import type { Der } from "#claims/strictDer.ts";
import { WaybillError } from "#core/errors.ts";
import type { AlternativeName } from "#trust/certificate.ts";

// Go's default limit of names in a chain is larger; nobody needs more for an identity (attack 30).
const MAX_NAMES = 256;

// Fulcio's name for users of its username issuer: a UTF8String (cosign.md 5.5, n = 7).
const FULCIO_OTHER_NAME = "1.3.6.1.4.1.57264.1.7";

const OTHER = contextTag(0);
const EMAIL = contextTag(1, false);
const DNS = contextTag(2, false);
const URI = contextTag(6, false);
const IP = contextTag(7, false);

/**
 * The names of a subjectAltName extension (RFC 5280 section 4.2.1.6) that can be somebody's identity: URI, e-mail, DNS, IP and
 * Fulcio's otherName. Names of other kinds are left out. INPUT_INVALID for NUL and other control characters, and for text
 * that is not of its kind's alphabet: such names are read differently by different readers.
 */
export const readAlternativeNames = (value: Uint8Array, what: string): readonly AlternativeName[] => {
  const names = readDerList(readDerValue(value, what), TAG.sequence, what);
  if (names.length === 0) throw new WaybillError("INPUT_INVALID", `${what} is empty`);
  if (names.length > MAX_NAMES) {
    throw new WaybillError("LIMIT_EXCEEDED", `${what} has ${names.length} names; at most ${MAX_NAMES} are read`);
  }
  return names.flatMap((name) => readName(name, what) ?? []);
};

const readName = (name: Der, what: string): AlternativeName | undefined => {
  if (name.tag === URI) return { kind: "uri", value: readIa5(name.content, what) };
  if (name.tag === EMAIL) return { kind: "email", value: readIa5(name.content, what) };
  if (name.tag === DNS) return { kind: "dns", value: readIa5(name.content, what) };
  if (name.tag === IP) return { kind: "ip", value: readAddress(name.content, what) };
  return name.tag === OTHER ? readOtherName(name, what) : skip(name, what);
};

/** directoryName, registeredID and the two that nobody uses: no identity that a rule could name. */
const skip = (name: Der, what: string): undefined => {
  if ([contextTag(3), contextTag(4), contextTag(5), contextTag(8, false)].includes(name.tag)) return undefined;
  throw new WaybillError("INPUT_INVALID", `${what} has a name of the unknown kind 0x${name.tag.toString(16)}`);
};

const readOtherName = (name: Der, what: string): AlternativeName | undefined => {
  const [type, value, ...more] = readDerList(name, OTHER, what);
  const oid = readDerOid(type, what);
  const [text, ...others] = readDerList(value, contextTag(0), what);
  if (more.length > 0 || text === undefined || others.length > 0) {
    throw new WaybillError("INPUT_INVALID", `${what} has an otherName that is not one value`);
  }
  return oid === FULCIO_OTHER_NAME ? { kind: "other", value: readDerText(text, what) } : undefined;
};

const CONTROLS = /\p{Cc}/u;

/** A UTF8String that is valid UTF-8, not empty, and has no control characters. */
export const readDerText = (value: Der | undefined, what: string): string =>
  readText(demandTag(value, TAG.utf8String, what).content, what);

/** Bytes as UTF-8 text, under the same conditions. */
export const readText = (bytes: Uint8Array, what: string): string => {
  let text: string;
  try {
    text = UTF8.decode(bytes);
  } catch (cause) {
    throw new WaybillError("INPUT_INVALID", `${what} has text that is not UTF-8`, { cause });
  }
  if (text === "") throw new WaybillError("INPUT_INVALID", `${what} has an empty text`);
  if (CONTROLS.test(text)) throw new WaybillError("INPUT_INVALID", `${what} has a control character in its text`);
  return text;
};

// A byte order mark is text here, not a hint to be dropped.
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const readIa5 = (bytes: Uint8Array, what: string): string => {
  const text = readText(bytes, what);
  if (text.length !== bytes.byteLength) throw new WaybillError("INPUT_INVALID", `${what} has a name that is not ASCII`);
  return text;
};

/** Dotted decimals, or eight groups of hex without zeros in front and without an ellipsis (one spelling for each address). */
const readAddress = (bytes: Uint8Array, what: string): string => {
  if (bytes.byteLength === 4) return bytes.join(".");
  if (bytes.byteLength !== 16)
    throw new WaybillError("INPUT_INVALID", `${what} has an IP address of ${bytes.byteLength} octets`);
  const buffer = Buffer.from(bytes);
  return Array.from({ length: 8 }, (_, group) => buffer.readUInt16BE(2 * group).toString(16)).join(":");
};
