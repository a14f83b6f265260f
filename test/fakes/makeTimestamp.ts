import { createHash, sign } from "node:crypto";
import { contextTag, TAG } from "#claims/strictDer.ts";
import { writeDer, writeDerInteger, writeDerOid } from "#claims/writeDer.ts";
import type { HashName } from "#core/keyAlgorithm.ts";
import { readCertificate } from "#trust/readCertificate.ts";
import type { TrustRoot, Window } from "#trust/trustRoot.ts";
import {
  algorithm,
  basicConstraints,
  caExtensions,
  extendedKeyUsage,
  keyUsage,
  makeCertificate,
  TIME_STAMPING,
} from "./makeCertificate.ts";
import type { CertificateWish, Made } from "./makeCertificate.ts";

/** Whatever a test wants to be otherwise; the rest is a timestamp of no fault. */
export interface TimestampWish {
  readonly signer: Made;
  readonly over: Uint8Array;
  /** Text of the GeneralizedTime. */
  readonly time?: string;
  /** Of the imprint, and of the content for the signer. */
  readonly hash?: HashName;
  readonly imprintAlgorithm?: Buffer;
  readonly digestAlgorithm?: Buffer;
  readonly signatureAlgorithm?: Buffer;
  /** What follows the time in the content. */
  readonly infoTail?: readonly Buffer[];
  readonly infoVersion?: number;
  readonly info?: Buffer;
  readonly embedded?: readonly Uint8Array[];
  /** Given the content; put in order, unless they are to stay as they are. */
  readonly attributes?: (info: Buffer) => readonly Buffer[];
  readonly unordered?: boolean;
  readonly signerId?: Buffer;
  readonly signerVersion?: number;
  readonly version?: number;
  readonly contentType?: string;
  readonly signers?: (signer: Buffer) => readonly Buffer[];
  /** What follows in the signer. */
  readonly unsigned?: readonly Buffer[];
  readonly changeSignature?: (signature: Buffer) => Buffer;
}

const TST_INFO = "1.2.840.113549.1.9.16.1.4";
const HASH_OID = {
  sha256: "2.16.840.1.101.3.4.2.1",
  sha384: "2.16.840.1.101.3.4.2.2",
  sha512: "2.16.840.1.101.3.4.2.3",
};

export const hashAlgorithm = (hash: HashName): Buffer => algorithm(HASH_OID[hash]);

export const digestOf = (hash: string, bytes: Uint8Array): Buffer => createHash(hash).update(bytes).digest();

const octets = (bytes: Uint8Array): Buffer => writeDer(TAG.octetString, bytes);

/** An attribute with its values. */
export const attribute = (oid: string, ...values: readonly Buffer[]): Buffer =>
  writeDer(TAG.sequence, writeDerOid(oid), writeDer(TAG.set, ...values));

export const contentType = (oid = TST_INFO): Buffer => attribute("1.2.840.113549.1.9.3", writeDerOid(oid));

export const messageDigest = (digest: Uint8Array): Buffer => attribute("1.2.840.113549.1.9.4", octets(digest));

const certificateIds = (...id: readonly Buffer[]): Buffer =>
  writeDer(TAG.sequence, writeDer(TAG.sequence, writeDer(TAG.sequence, ...id)));

/** signingCertificateV2; `parts` come after the hash. */
export const signingCertificateV2 = (der: Uint8Array, hash?: HashName, ...parts: readonly Buffer[]): Buffer =>
  attribute(
    "1.2.840.113549.1.9.16.2.47",
    certificateIds(
      ...(hash === undefined ? [] : [hashAlgorithm(hash)]),
      octets(digestOf(hash ?? "sha256", der)),
      ...parts,
    ),
  );

/** signingCertificate, whose hash is SHA-1. */
export const signingCertificate = (der: Uint8Array, ...parts: readonly Buffer[]): Buffer =>
  attribute("1.2.840.113549.1.9.16.2.12", certificateIds(octets(digestOf("sha1", der)), ...parts));

/** IssuerSerial of a certificate. */
export const issuerSerial = (der: Uint8Array, serial?: Buffer): Buffer => {
  const certificate = readCertificate(der);
  const issuer = writeDer(TAG.sequence, writeDer(contextTag(4), certificate.issuer));
  return writeDer(TAG.sequence, issuer, serial ?? writeDer(TAG.integer, certificate.serial));
};

const signatureAlgorithmOf = ({ keys }: Made, hash: HashName): Buffer => {
  const type = keys.publicKey.asymmetricKeyType;
  if (type === "ed25519") return algorithm("1.3.101.112");
  if (type === "rsa") return algorithm("1.2.840.113549.1.1.1", writeDer(TAG.null));
  return algorithm(`1.2.840.10045.4.3.${["sha256", "sha384", "sha512"].indexOf(hash) + 2}`);
};

/** A timestamp token: ContentInfo with SignedData. */
export const makeToken = (wish: TimestampWish): Buffer => {
  const hash = wish.hash ?? "sha256";
  const info = wish.info ?? makeInfo(wish, hash);
  const { der, keys } = wish.signer;
  const certificate = readCertificate(der);
  const wished = wish.attributes?.(info) ?? [
    contentType(),
    messageDigest(digestOf(hash, info)),
    signingCertificateV2(der),
  ];
  // X.690 section 11.6.
  const attributes = wish.unordered === true ? wished : wished.toSorted((one, other) => Buffer.compare(one, other));
  const made = sign(
    keys.publicKey.asymmetricKeyType === "ed25519" ? null : hash,
    writeDer(TAG.set, ...attributes),
    keys.privateKey,
  );
  const id = wish.signerId ?? writeDer(TAG.sequence, certificate.issuer, writeDer(TAG.integer, certificate.serial));
  const signer = writeDer(
    TAG.sequence,
    writeDerInteger(wish.signerVersion ?? 1),
    id,
    wish.digestAlgorithm ?? hashAlgorithm(hash),
    writeDer(contextTag(0), ...attributes),
    wish.signatureAlgorithm ?? signatureAlgorithmOf(wish.signer, hash),
    octets(wish.changeSignature?.(made) ?? made),
    ...(wish.unsigned ?? []),
  );
  return writeSignedData(wish, info, hash, wish.signers?.(signer) ?? [signer]);
};

const makeInfo = (wish: TimestampWish, hash: HashName): Buffer => {
  const imprint = writeDer(
    TAG.sequence,
    wish.imprintAlgorithm ?? hashAlgorithm(hash),
    octets(digestOf(hash, wish.over)),
  );
  return writeDer(
    TAG.sequence,
    writeDerInteger(wish.infoVersion ?? 1),
    writeDerOid("1.3.6.1.4.1.57264.2"),
    imprint,
    writeDerInteger(0x5e71a1),
    writeDer(TAG.generalizedTime, Buffer.from(wish.time ?? "20260601120000Z")),
    ...(wish.infoTail ?? []),
  );
};

const writeSignedData = (wish: TimestampWish, info: Buffer, hash: HashName, signers: readonly Buffer[]): Buffer => {
  const embedded = wish.embedded === undefined ? [] : [writeDer(contextTag(0), ...wish.embedded)];
  const data = writeDer(
    TAG.sequence,
    writeDerInteger(wish.version ?? 3),
    writeDer(TAG.set, hashAlgorithm(hash)),
    writeDer(TAG.sequence, writeDerOid(wish.contentType ?? TST_INFO), writeDer(contextTag(0), octets(info))),
    ...embedded,
    writeDer(TAG.set, ...signers),
  );
  return writeDer(TAG.sequence, writeDerOid("1.2.840.113549.1.7.2"), writeDer(contextTag(0), data));
};

/** TimeStampResp with a token, or without one. */
export const makeResponse = (token: Buffer | undefined, status: readonly Buffer[] = [writeDerInteger(0)]): Buffer =>
  writeDer(TAG.sequence, writeDer(TAG.sequence, ...status), ...(token === undefined ? [] : [token]));

/** A timestamp authority: anchor, intermediate, and the certificate that signs. */
export interface MadeAuthority {
  readonly anchor: Made;
  readonly intermediate: Made;
  readonly signer: Made;
}

export const timestampingExtensions = (): readonly Buffer[] => [keyUsage(0), extendedKeyUsage([TIME_STAMPING], true)];

export const makeAuthority = (signer: CertificateWish = {}, intermediate: CertificateWish = {}): MadeAuthority => {
  const anchor = makeCertificate({ subject: "tsa root", extensions: caExtensions(), to: "2036-01-01T00:00:00Z" });
  const middle = makeCertificate({
    subject: "tsa intermediate",
    issuer: anchor,
    serial: writeDerInteger(2),
    extensions: caExtensions(0),
    ...intermediate,
  });
  const made = makeCertificate({
    subject: "tsa",
    issuer: middle,
    serial: writeDerInteger(3),
    extensions: [...timestampingExtensions(), basicConstraints(false)],
    ...signer,
  });
  return { anchor, intermediate: middle, signer: made };
};

/** A trusted root with one timestamp authority. */
export const trustIn = (
  certificates: readonly Uint8Array[],
  window: Partial<Window> = {},
  uri = "https://tsa.test",
): TrustRoot => ({
  source: "test",
  published: undefined,
  certificateAuthorities: [],
  timestampAuthorities: [
    {
      uri,
      certificates: certificates.map((der) => readCertificate(der)),
      window: { start: undefined, end: undefined, ...window },
    },
  ],
  logs: [],
  ctLogs: [],
});
