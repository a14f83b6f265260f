import { encodeBase64 } from "#claims/base64.ts";
import { noteKeyHash } from "#ledger/noteKey.ts";
import type { DevAuthority } from "#devsigstore/devAuthority.ts";
import { ORGANIZATION } from "#devsigstore/devAuthority.ts";
import { toPem } from "#devsigstore/holderKey.ts";
import { formatPublicKey } from "#trust/publicKey.ts";
import type { DevKey } from "#devsigstore/devKey.ts";

/** Where the services of a local Sigstore are. */
export interface DevSigstoreUrls {
  readonly oidcIssuer: string;
  readonly fulcio: string;
  readonly certificateLog: string;
  /** Rekor v1. */
  readonly rekor: string;
  /** Rekor v2. */
  readonly rekorTiles: string;
  /** Takes requests itself: clients append nothing. */
  readonly timestamp: string;
  /** Mirror of the TUF repository. */
  readonly tuf: string;
}

/** What verifiers must know of it. */
export interface DevSigstoreKeys {
  readonly urls: DevSigstoreUrls;
  /** What the logs call themselves in checkpoints. */
  readonly host: string;
  readonly certificates: DevAuthority;
  readonly timestamps: DevAuthority;
  readonly certificateLog: DevKey;
  readonly rekor: DevKey;
  readonly rekorTiles: DevKey;
  /** From when on it vouches for anything. */
  readonly start: Date;
}

/** trusted_root.json (sigstore_trustroot.proto). */
export const writeTrustedRoot = (keys: DevSigstoreKeys): Uint8Array => {
  const { urls } = keys;
  const validFor = { start: keys.start.toISOString() };
  const tilesId = noteKeyHash(keys.host, keys.rekorTiles.publicKey);
  return write({
    mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    tlogs: [
      describeLog(urls.rekor, keys.rekor, "PKIX_ECDSA_P256_SHA_256", validFor),
      describeLog(urls.rekorTiles, keys.rekorTiles, "PKIX_ED25519", validFor, tilesId),
    ],
    certificateAuthorities: [describeAuthority(urls.fulcio, keys.certificates, validFor)],
    ctlogs: [describeLog(urls.certificateLog, keys.certificateLog, "PKIX_ECDSA_P256_SHA_256", validFor)],
    timestampAuthorities: [describeAuthority(urls.timestamp, keys.timestamps, validFor)],
  });
};

/** The same key by key, under the names by which clients from before trusted roots look for them on a TUF mirror. */
export const writeLooseKeys = (keys: DevSigstoreKeys): ReadonlyMap<string, Uint8Array> => {
  const certificates = ({ root, signer }: DevAuthority, names: readonly [string, string]) => [
    [names[0], toPem("CERTIFICATE", root.certificate)] as const,
    [names[1], toPem("CERTIFICATE", signer.certificate)] as const,
  ];
  const files = [
    ...certificates(keys.certificates, ["fulcio.crt.pem", "fulcio_intermediate_v1.crt.pem"]),
    ...certificates(keys.timestamps, ["tsa_root.crt.pem", "tsa_leaf.crt.pem"]),
    ["ctfe.pub", formatPublicKey(keys.certificateLog.publicKey)] as const,
    ["rekor.pub", formatPublicKey(keys.rekor.publicKey)] as const,
  ];
  return new Map(files.map(([name, pem]) => [name, Buffer.from(pem)]));
};

interface Validity {
  readonly start: string;
}

const describeLog = (
  baseUrl: string,
  { publicKey, fingerprint }: DevKey,
  keyDetails: string,
  validFor: Validity,
  keyId: Uint8Array = fingerprint,
) => ({
  baseUrl,
  hashAlgorithm: "SHA2_256",
  publicKey: { rawBytes: encodeBase64(publicKey.spki), keyDetails, validFor },
  logId: { keyId: encodeBase64(keyId) },
});

const describeAuthority = (uri: string, { signer, root }: DevAuthority, validFor: Validity) => ({
  subject: { organization: ORGANIZATION, commonName: root.commonName },
  uri,
  certChain: {
    certificates: [signer, root].map(({ certificate }) => ({ rawBytes: encodeBase64(certificate) })),
  },
  validFor,
});

/**
 * signing_config.v0.2.json: where clients get certificates, entries and times. With Rekor v1 no timestamp authority is
 * named: its entries carry a time of their own.
 */
export const writeSigningConfig = (urls: DevSigstoreUrls, start: Date, rekor: "v1" | "v2"): Uint8Array => {
  const service = (url: string, majorApiVersion: number) => ({
    url,
    majorApiVersion,
    validFor: { start: start.toISOString() },
    operator: ORGANIZATION,
  });
  const any = { selector: "ANY" };
  const times = rekor === "v2" ? { tsaUrls: [service(urls.timestamp, 1)], tsaConfig: any } : { tsaConfig: {} };
  return write({
    mediaType: "application/vnd.dev.sigstore.signingconfig.v0.2+json",
    caUrls: [service(urls.fulcio, 1)],
    oidcUrls: [service(urls.oidcIssuer, 1)],
    rekorTlogUrls: [rekor === "v2" ? service(urls.rekorTiles, 2) : service(urls.rekor, 1)],
    rekorTlogConfig: any,
    ...times,
  });
};

const write = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`);
