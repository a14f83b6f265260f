import {
  contextTag,
  demandTag,
  readDerBoolean,
  readDerList,
  readDerNumber,
  readDerOid,
  readDerValue,
  TAG,
} from "#claims/strictDer.ts";
import type { Der } from "#claims/strictDer.ts";
import { WaybillError } from "#core/errors.ts";
import type { Certificate } from "#trust/certificate.ts";

/** Object identifiers of the extensions that are understood here (RFC 5280 section 4.2.1, RFC 6962 section 3.3). */
export const EXTENSION = {
  subjectKeyId: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  nameConstraints: "2.5.29.30",
  authorityKeyId: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  sctList: "1.3.6.1.4.1.11129.2.4.2",
} as const;

const UNDERSTOOD: ReadonlySet<string> = new Set(Object.values(EXTENSION));

// Fulcio writes about thirty.
const MAX_EXTENSIONS = 64;

type Extensions = Certificate["extensions"];

/** The extensions of a TBSCertificate's `[3]`. Each only once; a critical one must be understood (section 4.2). */
export const readExtensions = (member: Der | undefined, what: string): Extensions => {
  const [list, ...more] = readDerList(member, contextTag(3), what);
  const entries = readDerList(list, TAG.sequence, what);
  if (more.length > 0 || entries.length === 0) throw bad(what, "are not one list");
  if (entries.length > MAX_EXTENSIONS) {
    throw new WaybillError("LIMIT_EXCEEDED", `${what}: ${entries.length}; at most ${MAX_EXTENSIONS} are read`);
  }
  const extensions = new Map<string, { readonly critical: boolean; readonly value: Uint8Array }>();
  for (const entry of entries) {
    const parts = readDerList(entry, TAG.sequence, what);
    const oid = readDerOid(parts[0], what);
    if (extensions.has(oid)) throw bad(what, `have ${oid} twice`);
    const extension = readExtension(parts, what);
    if (extension.critical && !UNDERSTOOD.has(oid)) throw bad(what, `have ${oid}, which is critical and unknown`);
    extensions.set(oid, extension);
  }
  return extensions;
};

const readExtension = (parts: readonly Der[], what: string) => {
  const critical = parts.length === 3;
  // FALSE is the default, which DER leaves out (X.690 section 11.5).
  if (parts.length < 2 || parts.length > 3 || (critical && !readDerBoolean(parts[1], what))) {
    throw bad(what, "have an entry that is not identifier, TRUE where critical, and value");
  }
  return { critical, value: demandTag(parts.at(-1), TAG.octetString, what).content };
};

/** cA and pathLenConstraint (section 4.2.1.9). */
export const readBasicConstraints = (
  extensions: Extensions,
  what: string,
): Pick<Certificate, "isCa" | "pathLength"> => {
  const value = extensions.get(EXTENSION.basicConstraints)?.value;
  if (value === undefined) return { isCa: false, pathLength: undefined };
  const [ca, length, ...more] = readDerList(readDerValue(value, what), TAG.sequence, what);
  if (ca === undefined) return { isCa: false, pathLength: undefined };
  if (!readDerBoolean(ca, what) || more.length > 0) throw bad(what, "have basicConstraints that are not in DER");
  return { isCa: true, pathLength: length === undefined ? undefined : readDerNumber(length, what) };
};

const USAGES = [
  "digitalSignature",
  "nonRepudiation",
  "keyEncipherment",
  "dataEncipherment",
  "keyAgreement",
  "keyCertSign",
  "cRLSign",
  "encipherOnly",
  "decipherOnly",
] as const;

/** The bits that are set (section 4.2.1.3); undefined where there is no such extension. */
export const readKeyUsage = (extensions: Extensions, what: string): ReadonlySet<string> | undefined => {
  const value = extensions.get(EXTENSION.keyUsage)?.value;
  if (value === undefined) return undefined;
  const [unused = 8, ...octets] = demandTag(readDerValue(value, what), TAG.bitString, what).content;
  const bits = octets.map((octet) => octet.toString(2).padStart(8, "0")).join("");
  const last = bits.lastIndexOf("1");
  // A named bit list ends with its last one (X.690 section 11.2.2), and at least one is set.
  if (last < 0 || last !== bits.length - 1 - unused || last >= USAGES.length) {
    throw bad(what, "have a keyUsage that is not in DER");
  }
  return new Set(USAGES.filter((_, bit) => bits[bit] === "1"));
};

/** Object identifiers of purposes (section 4.2.1.12); undefined where there is no such extension. */
export const readExtendedKeyUsage = (extensions: Extensions, what: string): readonly string[] | undefined => {
  const value = extensions.get(EXTENSION.extendedKeyUsage)?.value;
  if (value === undefined) return undefined;
  const purposes = readDerList(readDerValue(value, what), TAG.sequence, what);
  if (purposes.length === 0 || purposes.length > MAX_EXTENSIONS) throw bad(what, "have no or too many purposes");
  return purposes.map((purpose) => readDerOid(purpose, what));
};

/** Which key this is, and which key signed it (sections 4.2.1.1 and 4.2.1.2). */
export const readKeyIds = (
  extensions: Extensions,
  what: string,
): Pick<Certificate, "subjectKeyId" | "authorityKeyId"> => {
  const own = extensions.get(EXTENSION.subjectKeyId)?.value;
  const authority = extensions.get(EXTENSION.authorityKeyId)?.value;
  const parts = authority === undefined ? [] : readDerList(readDerValue(authority, what), TAG.sequence, what);
  const byId = parts.find(({ tag }) => tag === contextTag(0, false));
  return {
    subjectKeyId: own === undefined ? undefined : demandTag(readDerValue(own, what), TAG.octetString, what).content,
    authorityKeyId: byId?.content,
  };
};

const bad = (what: string, why: string): WaybillError => new WaybillError("INPUT_INVALID", `${what} ${why}`);
