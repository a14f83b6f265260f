import { createHash } from "node:crypto";
import { contextTag, demandTag, readDerInteger, readDerList, TAG } from "#claims/strictDer.ts";
import type { Der } from "#claims/strictDer.ts";
import { WaybillError } from "#core/errors.ts";
import type { HashName } from "#core/keyAlgorithm.ts";
import type { Certificate } from "#trust/certificate.ts";
import { cmsHash } from "#trust/cmsAlgorithm.ts";
import type { SignerInfo } from "#trust/signedData.ts";

/** Which certificate a signer meant, by its own signed word (ESSCertID of RFC 2634 section 5.4.1, ESSCertIDv2 of RFC 5035). */
export interface SigningCertificate {
  readonly hash: HashName | "sha1";
  readonly digest: Uint8Array;
  readonly issuerSerial: { readonly issuer: Uint8Array; readonly serial: Uint8Array } | undefined;
}

const WHAT = "the signing certificate attribute";
const V1 = "1.2.840.113549.1.9.16.2.12";
const V2 = "1.2.840.113549.1.9.16.2.47";

/**
 * The certificate that each of a signer's attributes names, at most one of either version. INPUT_INVALID, also for hashes
 * that are not allowed. Version 1 is SHA-1 by definition; well-known authorities still write nothing else.
 */
export const readSigningCertificates = (attributes: SignerInfo["attributes"]): readonly SigningCertificate[] => [
  ...attributeOf(attributes, V1).map((id) => ({ hash: "sha1", ...readId(id) }) as const),
  ...attributeOf(attributes, V2).map(readIdV2),
];

/** Whether a certificate is the one that was meant. */
export const isMeant = ({ hash, digest, issuerSerial }: SigningCertificate, certificate: Certificate): boolean => {
  if (!createHash(hash).update(certificate.der).digest().equals(digest)) return false;
  if (issuerSerial === undefined) return true;
  const { issuer, serial } = issuerSerial;
  return Buffer.compare(issuer, certificate.issuer) === 0 && Buffer.compare(serial, certificate.serial) === 0;
};

/** The first of the certificate ids of the attribute, which is the signer's own; none where the attribute is missing. */
const attributeOf = (attributes: SignerInfo["attributes"], oid: string): readonly (readonly Der[])[] => {
  const values = attributes.get(oid);
  if (values === undefined) return [];
  const [value, ...more] = values;
  // SEQUENCE OF ids, and policies, which are nobody's business here.
  const [ids, , ...rest] = readDerList(value, TAG.sequence, WHAT);
  const [first] = readDerList(ids, TAG.sequence, WHAT);
  if (more.length > 0 || rest.length > 0) throw bad("has more than one value");
  return [readDerList(first, TAG.sequence, WHAT)];
};

const readId = ([digest, issuerSerial, ...more]: readonly Der[]): Omit<SigningCertificate, "hash"> => {
  if (more.length > 0) throw bad("names a certificate by more than hash, issuer and serial number");
  return {
    digest: demandTag(digest, TAG.octetString, WHAT).content,
    issuerSerial: issuerSerial === undefined ? undefined : readIssuerSerial(issuerSerial),
  };
};

/** SHA-256 is the default (RFC 5035 section 4), which some spell out. */
const readIdV2 = (parts: readonly Der[]): SigningCertificate => {
  const [first, ...rest] = parts;
  if (first?.tag !== TAG.sequence) return { hash: "sha256", ...readId(parts) };
  const hash = cmsHash(first.bytes);
  if (hash === undefined)
    throw bad("names a certificate by a hash that is not allowed: SHA-256, SHA-384 and SHA-512 are");
  return { hash, ...readId(rest) };
};

/** IssuerSerial: GeneralNames with one directoryName [4], and the serial number. */
const readIssuerSerial = (value: Der): SigningCertificate["issuerSerial"] => {
  const [names, serial, ...more] = readDerList(value, TAG.sequence, WHAT);
  const [name, ...others] = readDerList(names, TAG.sequence, WHAT);
  const [issuer] = readDerList(name, contextTag(4), WHAT);
  if (more.length > 0 || others.length > 0) throw bad("names more than one issuer");
  return { issuer: demandTag(issuer, TAG.sequence, WHAT).bytes, serial: readDerInteger(serial, WHAT) };
};

const bad = (why: string): WaybillError => new WaybillError("INPUT_INVALID", `${WHAT} ${why}`);
