import { list, message, readProtoJson, scalar } from "#claims/protoJson.ts";
import { WaybillError } from "#core/errors.ts";
import { parseStrict } from "#core/strictJson.ts";
import type { JsonObject } from "#core/strictJson.ts";

export type BundleVersion = "0.1" | "0.2" | "0.3";

const VERSIONS = ["0.1", "0.2", "0.3"] as const satisfies readonly BundleVersion[];
const MEDIA_TYPES: ReadonlyMap<string, BundleVersion> = new Map(
  VERSIONS.flatMap((version) => [
    [`application/vnd.dev.sigstore.bundle.v${version}+json`, version] as const,
    [`application/vnd.dev.sigstore.bundle+json;version=${version}`, version] as const,
  ]),
);

/** True for the media types of bundles v0.1 to v0.3, in either spelling. */
export const isBundleType = (mediaType: string): boolean => MEDIA_TYPES.has(mediaType);

// sigstore-go's limits (cosign.md 2.3); ten certificates and nobody's chain is longer (attack 30).
const MAX_PROOFS = 32;
const MAX_CERTIFICATES = 10;
// A log of 2^64 entries has proofs of 64 hashes.
const MAX_HASHES = 64;
const certificate = message({ rawBytes: scalar });
const tlogEntry = message({
  logIndex: scalar,
  logId: message({ keyId: scalar }),
  kindVersion: message({ kind: scalar, version: scalar }),
  integratedTime: scalar,
  inclusionPromise: message({ signedEntryTimestamp: scalar }),
  inclusionProof: message({
    logIndex: scalar,
    rootHash: scalar,
    treeSize: scalar,
    hashes: list(scalar, MAX_HASHES),
    checkpoint: message({ envelope: scalar }),
  }),
  canonicalizedBody: scalar,
});

/** sigstore_bundle.proto. A second signature is let in here to be refused with its own reason. */
const BUNDLE = message({
  mediaType: scalar,
  verificationMaterial: message({
    publicKey: message({ hint: scalar }),
    certificate,
    x509CertificateChain: message({ certificates: list(certificate, MAX_CERTIFICATES) }),
    tlogEntries: list(tlogEntry, MAX_PROOFS),
    timestampVerificationData: message({
      rfc3161Timestamps: list(message({ signedTimestamp: scalar }), MAX_PROOFS),
    }),
  }),
  messageSignature: message({ messageDigest: message({ algorithm: scalar, digest: scalar }), signature: scalar }),
  dsseEnvelope: message({
    payload: scalar,
    payloadType: scalar,
    signatures: list(message({ sig: scalar, keyid: scalar }), MAX_PROOFS),
  }),
});

// Base64 of the largest paper and some proofs around it; 32 log entries have about 3000 values.
const LIMITS = { maxBytes: 176 * 1024 * 1024, maxDepth: 16, maxValues: 10_000 };

/** A bundle whose members are known and whose version is; what they hold is still to be read. */
export interface BundleDocument {
  readonly mediaType: string;
  readonly version: BundleVersion;
  readonly members: JsonObject;
}

/** Reads the JSON of a bundle v0.1 to v0.3. Throws INPUT_INVALID or LIMIT_EXCEEDED. */
export const readBundleDocument = (bytes: Uint8Array): BundleDocument => {
  const members = readProtoJson(parseStrict(bytes, "bundle", LIMITS), BUNDLE, "bundle") as JsonObject;
  const { mediaType } = members;
  const version = typeof mediaType === "string" ? MEDIA_TYPES.get(mediaType) : undefined;
  if (typeof mediaType === "string" && version !== undefined) return { mediaType, version, members };
  throw new WaybillError(
    "INPUT_INVALID",
    `bundle has the media type ${JSON.stringify(mediaType ?? null).slice(0, 120)}`,
  );
};
