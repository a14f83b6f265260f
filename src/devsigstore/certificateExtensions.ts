import { createHash } from "node:crypto";
import { TAG, contextTag, readDerBits, readDerList, readDerValue } from "#claims/strictDer.ts";
import { writeDer, writeDerBits, writeDerInteger, writeDerOid } from "#claims/writeDer.ts";
import type { AlternativeName } from "#trust/certificate.ts";

const TRUE = writeDer(TAG.boolean, Buffer.from([0xff]));

/** An extension around its DER value; `critical` is left out where it is false, its default (RFC 5280 section 4.2). */
export const writeExtension = (oid: string, value: Uint8Array, critical = false): Buffer =>
  writeDer(TAG.sequence, writeDerOid(oid), ...(critical ? [TRUE] : []), writeDer(TAG.octetString, value));

/** basicConstraints of an authority, critical; `pathLength` authorities may follow. */
export const authorityConstraints = (pathLength?: number): Buffer =>
  writeExtension(
    "2.5.29.19",
    writeDer(TAG.sequence, TRUE, ...(pathLength === undefined ? [] : [writeDerInteger(pathLength)])),
    true,
  );

// Named bits of RFC 5280 section 4.2.1.3; unused trailing bits are cut off, as DER wants.
const USAGES = {
  digitalSignature: writeDerBits(Buffer.from([0x80]), 7),
  // keyCertSign and cRLSign
  authority: writeDerBits(Buffer.from([0x06]), 1),
} as const;

/** keyUsage, critical. */
export const keyUsage = (usage: keyof typeof USAGES): Buffer => writeExtension("2.5.29.15", USAGES[usage], true);

const PURPOSES = { codeSigning: "1.3.6.1.5.5.7.3.3", timeStamping: "1.3.6.1.5.5.7.3.8" } as const;

/** extendedKeyUsage of one purpose; RFC 3161 section 2.3 wants it critical for timestamps. */
export const extendedKeyUsage = (purpose: keyof typeof PURPOSES): Buffer =>
  writeExtension("2.5.29.37", writeDer(TAG.sequence, writeDerOid(PURPOSES[purpose])), purpose === "timeStamping");

/** The identifier of a key: SHA-1 of the bits of its SPKI (RFC 5280 section 4.2.1.2, method 1); nothing rests on it. */
const keyIdentifier = (bits: Uint8Array): Buffer => createHash("sha1").update(bits).digest();

const keyBits = (spki: Uint8Array): Uint8Array =>
  readDerBits(readDerList(readDerValue(spki, "the key"), TAG.sequence, "the key")[1], "the key");

/** subjectKeyIdentifier of the holder's key, whose SPKI is given. */
export const subjectKeyIdentifier = (spki: Uint8Array): Buffer =>
  writeExtension("2.5.29.14", writeDer(TAG.octetString, keyIdentifier(keyBits(spki))));

/** authorityKeyIdentifier that names the issuer's key, whose SPKI is given. */
export const authorityKeyIdentifier = (spki: Uint8Array): Buffer =>
  writeExtension("2.5.29.35", writeDer(TAG.sequence, writeDer(contextTag(0, false), keyIdentifier(keyBits(spki)))));

// Fulcio's otherName for holders that are neither an address nor a URI (oid-info.md of Fulcio).
const OTHER_NAME = "1.3.6.1.4.1.57264.1.7";

/** subjectAltName of one name, critical, since the subject is empty (RFC 5280 section 4.2.1.6). */
export const subjectAlternativeName = (name: AlternativeName): Buffer =>
  writeExtension("2.5.29.17", writeDer(TAG.sequence, writeGeneralName(name)), true);

const writeGeneralName = ({ kind, value }: AlternativeName): Buffer => {
  const text = Buffer.from(value);
  if (kind === "email") return writeDer(contextTag(1, false), text);
  if (kind === "uri") return writeDer(contextTag(6, false), text);
  const held = writeDer(contextTag(0), writeDer(TAG.utf8String, text));
  return writeDer(contextTag(0), writeDerOid(OTHER_NAME), held);
};

/** The poison of a precertificate, critical (RFC 6962 section 3.1). */
export const PRECERTIFICATE_POISON_OID = "1.3.6.1.4.1.11129.2.4.3";
export const precertificatePoison = (): Buffer => writeExtension(PRECERTIFICATE_POISON_OID, writeDer(TAG.null), true);

/** The promises of certificate logs, each a serialised SCT (RFC 6962 section 3.3). */
export const certificateTimestamps = (scts: readonly Uint8Array[]): Buffer => {
  const list = Buffer.concat(scts.map((sct) => Buffer.concat([twoOctets(sct.byteLength), sct])));
  const value = Buffer.concat([twoOctets(list.byteLength), list]);
  return writeExtension("1.3.6.1.4.1.11129.2.4.2", writeDer(TAG.octetString, value));
};

const twoOctets = (length: number): Buffer => Buffer.from([length >> 8, length & 0xff]);
