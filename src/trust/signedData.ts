import {
  contextTag,
  demandTag,
  readDerInteger,
  readDerList,
  readDerNumber,
  readDerOid,
  readDerValue,
  TAG,
} from "#claims/strictDer.ts";
import type { Der } from "#claims/strictDer.ts";
import { WaybillError } from "#core/errors.ts";

/** A CMS message with content and signers (RFC 5652 section 5.1). Nothing of it is verified. */
export interface SignedData {
  readonly contentType: string;
  /** The octets that the signers digested. */
  readonly content: Uint8Array;
  /** AlgorithmIdentifiers in DER, of all signers. */
  readonly digestAlgorithms: readonly Uint8Array[];
  /** In DER, as they were enclosed: anybody could have put them there. */
  readonly certificates: readonly Uint8Array[];
  /** SignerInfos, for `readSignerInfo`. */
  readonly signers: readonly Der[];
}

const WHAT = "the signed data";
const SIGNED_DATA = "1.2.840.113549.1.7.2";

// A chain has three or four; beyond that, somebody fills memory (CVE-2025-66564).
const MAX_CERTIFICATES = 10;

/** Reads a ContentInfo with SignedData, DER to the letter. INPUT_INVALID; LIMIT_EXCEEDED for too many certificates. */
export const readSignedData = (contentInfo: Uint8Array): SignedData => {
  const [type, body, ...more] = readDerList(readDerValue(contentInfo, WHAT), TAG.sequence, WHAT);
  if (readDerOid(type, WHAT) !== SIGNED_DATA || more.length > 0) throw bad("is not SignedData alone");
  const [value, ...others] = readDerList(body, contextTag(0), WHAT);
  if (others.length > 0) throw bad("is followed by something");
  return readBody(readDerList(value, TAG.sequence, WHAT));
};

const readBody = ([version, algorithms, content, ...rest]: readonly Der[]): SignedData => {
  // Section 5.1: 3 for content that is not plain data, given that nothing older or newer is enclosed.
  if (readDerNumber(version, `${WHAT}'s version`) !== 3) throw bad("is not of version 3");
  const certificates = rest[0]?.tag === contextTag(0) ? readCertificates(rest.shift()) : [];
  // Revocation lists [1]: whether a certificate counts, the trusted root says by its window.
  if (rest[0]?.tag === contextTag(1)) rest.shift();
  const [signers, ...more] = rest;
  if (more.length > 0) throw bad("has parts that do not belong in it");
  return {
    ...readContent(readDerList(content, TAG.sequence, WHAT)),
    digestAlgorithms: readDerList(algorithms, TAG.set, `${WHAT}'s digest algorithms`).map(({ bytes }) => bytes),
    certificates,
    signers: readDerList(signers, TAG.set, `${WHAT}'s signers`),
  };
};

const readContent = ([type, value, ...more]: readonly Der[]): Pick<SignedData, "contentType" | "content"> => {
  const [octets, ...others] = readDerList(value, contextTag(0), `${WHAT}'s content`);
  if (more.length > 0 || others.length > 0) throw bad("has more than one content");
  return {
    contentType: readDerOid(type, `${WHAT}'s content type`),
    content: demandTag(octets, TAG.octetString, `${WHAT}'s content`).content,
  };
};

const readCertificates = (value: Der | undefined): readonly Uint8Array[] => {
  const list = readDerList(value, contextTag(0), `${WHAT}'s certificates`);
  if (list.length > MAX_CERTIFICATES) {
    throw new WaybillError(
      "LIMIT_EXCEEDED",
      `${WHAT} holds ${list.length} certificates; at most ${MAX_CERTIFICATES} are read`,
    );
  }
  // Attribute certificates and other formats have context tags (section 10.2.2).
  return list.map((one) => demandTag(one, TAG.sequence, `${WHAT}'s certificates`).bytes);
};

/** Who signed, with what, and what they say besides (section 5.3). */
export interface SignerInfo {
  readonly id:
    | { readonly kind: "serial"; readonly issuer: Uint8Array; readonly serial: Uint8Array }
    | { readonly kind: "key-id"; readonly keyId: Uint8Array };
  /** AlgorithmIdentifiers in DER. */
  readonly digestAlgorithm: Uint8Array;
  readonly signatureAlgorithm: Uint8Array;
  /** Signed attributes: their values by object identifier. */
  readonly attributes: ReadonlyMap<string, readonly Der[]>;
  /** What the signature is over. */
  readonly signedBytes: Uint8Array;
  readonly signature: Uint8Array;
}

const SIGNER = "the signer of the signed data";

/** Reads a SignerInfo that has signed attributes; the unsigned ones are passed over. INPUT_INVALID. */
export const readSignerInfo = (value: Der): SignerInfo => {
  const [version, id, digest, attributes, algorithm, signature, ...unsigned] = readDerList(value, TAG.sequence, SIGNER);
  const isKeyId = id?.tag === contextTag(0, false);
  if (readDerNumber(version, SIGNER) !== (isKeyId ? 3 : 1))
    throw bad("names its signer in another way than its version");
  if (unsigned.length > 1 || unsigned.some(({ tag }) => tag !== contextTag(1))) {
    throw bad("has a signer with parts that do not belong in it");
  }
  return {
    id: isKeyId ? { kind: "key-id", keyId: id.content } : readSerial(id),
    digestAlgorithm: demandTag(digest, TAG.sequence, `${SIGNER}: digest algorithm`).bytes,
    signatureAlgorithm: demandTag(algorithm, TAG.sequence, `${SIGNER}: signature algorithm`).bytes,
    attributes: readAttributes(attributes),
    signedBytes: asSet(attributes),
    signature: demandTag(signature, TAG.octetString, `${SIGNER}: signature`).content,
  };
};

const readSerial = (id: Der | undefined): SignerInfo["id"] => {
  const [issuer, serial, ...more] = readDerList(id, TAG.sequence, `${SIGNER}: identifier`);
  if (more.length > 0) throw bad("names its signer by more than issuer and serial number");
  return {
    kind: "serial",
    issuer: demandTag(issuer, TAG.sequence, `${SIGNER}: issuer`).bytes,
    serial: readDerInteger(serial, `${SIGNER}: serial number`),
  };
};

const EMPTY = new Uint8Array();

const readAttributes = (value: Der | undefined): SignerInfo["attributes"] => {
  const what = `${SIGNER}: signed attributes`;
  const attributes = new Map<string, readonly Der[]>();
  const list = readDerList(value, contextTag(0), what);
  // X.690 section 11.6: what is signed is DER, and readers that sort it anew must come to the same bytes.
  if (list.some(({ bytes }, at) => Buffer.compare(list[at - 1]?.bytes ?? EMPTY, bytes) > 0)) {
    throw bad("has signed attributes that are not in the order of DER");
  }
  for (const attribute of list) {
    const [type, values, ...more] = readDerList(attribute, TAG.sequence, what);
    const oid = readDerOid(type, what);
    if (more.length > 0 || attributes.has(oid))
      throw bad(`has the signed attribute ${oid} twice, or with more than values`);
    attributes.set(oid, readDerList(values, TAG.set, what));
  }
  return attributes;
};

/** Section 5.4: signed is not `[0] IMPLICIT` as it is carried, but the SET OF that it stands for. */
const asSet = (attributes: Der | undefined): Uint8Array => {
  const bytes = Buffer.from(attributes?.bytes ?? []);
  bytes[0] = TAG.set;
  return bytes;
};

const bad = (why: string): WaybillError => new WaybillError("INPUT_INVALID", `${WHAT} ${why}`);
