import { generateKeyPairSync, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { contextTag, TAG } from "#claims/strictDer.ts";
import { writeDer, writeDerBits, writeDerInteger, writeDerOid, writeDerTime } from "#claims/writeDer.ts";

/** Whatever a test wants to be otherwise; the rest is a certificate of no fault. */
export interface CertificateWish {
  /** Common name; empty: no subject. */
  readonly subject?: string;
  readonly keys?: Keys;
  readonly issuer?: Made;
  readonly from?: string;
  readonly to?: string;
  readonly extensions?: readonly Buffer[];
  readonly serial?: Buffer;
  readonly version?: Buffer;
  readonly hash?: "sha256" | "sha384" | "sha512";
  /** AlgorithmIdentifiers, inside and outside. */
  readonly algorithms?: readonly [Buffer, Buffer];
  readonly spki?: Buffer;
  readonly issuerName?: Buffer;
}

export interface Keys {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export interface Made {
  readonly der: Buffer;
  readonly keys: Keys;
  readonly name: Buffer;
}

export const makeKeys = (curve = "P-256"): Keys => generateKeyPairSync("ec", { namedCurve: curve });

/** A certificate as wished, signed by its issuer (or itself). */
export const makeCertificate = (wish: CertificateWish): Made => {
  const keys = wish.keys ?? makeKeys();
  const signer = wish.issuer?.keys ?? keys;
  const name = nameOf(wish.subject ?? "somebody");
  const [inside, outside] = wish.algorithms ?? [algorithmOf(signer, wish.hash), algorithmOf(signer, wish.hash)];
  const tbs = writeDer(
    TAG.sequence,
    wish.version ?? writeDer(contextTag(0), writeDerInteger(2)),
    wish.serial ?? writeDerInteger(0x5eed),
    inside,
    wish.issuerName ?? wish.issuer?.name ?? name,
    writeDer(TAG.sequence, timeOf(wish.from ?? "2026-01-01T00:00:00Z"), timeOf(wish.to ?? "2026-12-31T00:00:00Z")),
    name,
    wish.spki ?? keys.publicKey.export({ type: "spki", format: "der" }),
    ...(wish.extensions?.length === 0
      ? []
      : [writeDer(contextTag(3), writeDer(TAG.sequence, ...(wish.extensions ?? [])))]),
  );
  const hash = signer.publicKey.asymmetricKeyType === "ed25519" ? null : (wish.hash ?? "sha256");
  const signature = sign(hash, tbs, signer.privateKey);
  return { der: writeDer(TAG.sequence, tbs, outside, writeDerBits(signature)), keys, name };
};

const timeOf = (time: string): Buffer => writeDerTime(new Date(time));

/** One common name, or none at all. */
export const nameOf = (commonName: string): Buffer => {
  if (commonName === "") return writeDer(TAG.sequence);
  const attribute = writeDer(TAG.sequence, writeDerOid("2.5.4.3"), writeDer(TAG.utf8String, Buffer.from(commonName)));
  return writeDer(TAG.sequence, writeDer(TAG.set, attribute));
};

const algorithmOf = (keys: Keys, hash = "sha256"): Buffer => {
  const type = keys.publicKey.asymmetricKeyType;
  if (type === "ed25519") return algorithm("1.3.101.112");
  const arc = ["sha256", "sha384", "sha512"].indexOf(hash);
  if (type === "rsa") return algorithm(`1.2.840.113549.1.1.${11 + arc}`, writeDer(TAG.null));
  return algorithm(`1.2.840.10045.4.3.${2 + arc}`);
};

export const algorithm = (oid: string, ...parameters: readonly Buffer[]): Buffer =>
  writeDer(TAG.sequence, writeDerOid(oid), ...parameters);

export const extension = (oid: string, value: Uint8Array, critical = false): Buffer =>
  writeDer(
    TAG.sequence,
    writeDerOid(oid),
    ...(critical ? [writeDer(TAG.boolean, Buffer.from([0xff]))] : []),
    writeDer(TAG.octetString, value),
  );

/** basicConstraints of an authority, of no authority where `pathLength` is false. */
export const basicConstraints = (pathLength?: number | false): Buffer => {
  const ca = pathLength === false ? [] : [writeDer(TAG.boolean, Buffer.from([0xff]))];
  const length = typeof pathLength === "number" ? [writeDerInteger(pathLength)] : [];
  return extension("2.5.29.19", writeDer(TAG.sequence, ...ca, ...length), true);
};

/** Bits by their numbers in RFC 5280 section 4.2.1.3, ascending: 0 is digitalSignature, 5 keyCertSign. */
export const keyUsage = (...bits: readonly number[]): Buffer => {
  const last = bits.at(-1) ?? 0;
  const octets = Buffer.alloc(Math.floor(last / 8) + 1);
  for (const bit of bits) octets[Math.floor(bit / 8)] = (octets[Math.floor(bit / 8)] ?? 0) | (0x80 >> (bit % 8));
  return extension("2.5.29.15", writeDerBits(octets, 7 - (last % 8)), true);
};

export const CODE_SIGNING = "1.3.6.1.5.5.7.3.3";

export const extendedKeyUsage = (purposes: readonly string[], critical = false): Buffer =>
  extension("2.5.29.37", writeDer(TAG.sequence, ...purposes.map(writeDerOid)), critical);

export const subjectAltName = (...names: readonly Buffer[]): Buffer =>
  extension("2.5.29.17", writeDer(TAG.sequence, ...names), true);

/** GeneralName of a string kind: 1 e-mail, 2 DNS, 6 URI. */
export const generalName = (kind: number, value: string | Uint8Array): Buffer =>
  writeDer(contextTag(kind, false), Buffer.from(value));

/** What authorities and leaves of no fault have. */
export const caExtensions = (pathLength?: number): readonly Buffer[] => [basicConstraints(pathLength), keyUsage(5, 6)];

export const leafExtensions = (uri = "https://example.test/builder"): readonly Buffer[] => [
  keyUsage(0),
  extendedKeyUsage([CODE_SIGNING]),
  subjectAltName(generalName(6, uri)),
];

export const TIME_STAMPING = "1.3.6.1.5.5.7.3.8";

/** nameConstraints; each subtree is one GeneralName. */
export const nameConstraints = (permitted: readonly Buffer[], excluded: readonly Buffer[] = []): Buffer => {
  const subtrees = (number: number, names: readonly Buffer[]) =>
    names.length === 0 ? [] : [writeDer(contextTag(number), ...names.map((name) => writeDer(TAG.sequence, name)))];
  return extension("2.5.29.30", writeDer(TAG.sequence, ...subtrees(0, permitted), ...subtrees(1, excluded)), true);
};

/** subjectKeyIdentifier and authorityKeyIdentifier. */
export const keyId = (id: string): Buffer => extension("2.5.29.14", writeDer(TAG.octetString, Buffer.from(id)));
export const issuerKeyId = (id: string): Buffer =>
  extension("2.5.29.35", writeDer(TAG.sequence, writeDer(contextTag(0, false), Buffer.from(id))));
