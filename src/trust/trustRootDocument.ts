import { list, message, readProtoJson, scalar } from "#claims/protoJson.ts";
import { hasCode } from "#core/errors.ts";
import { parseStrict } from "#core/strictJson.ts";
import type { JsonObject } from "#core/strictJson.ts";
import { trustFlaw } from "#trust/trustFlaw.ts";

// sigstore_trustroot.proto, and the form of all that was published before v0.2.
const MEDIA_TYPES: ReadonlySet<string> = new Set([
  "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
  "application/vnd.dev.sigstore.trustedroot+json;version=0.2",
  "application/vnd.dev.sigstore.trustedroot.v0.1+json",
  "application/vnd.dev.sigstore.trustedroot.v0.2+json",
]);

// The public instance has two of each after five years, GitHub's a handful; every one costs signature checks when loaded.
const MAX_INSTANCES = 128;
const MAX_CERTIFICATES = 10;

const range = message({ start: scalar, end: scalar });
const logId = message({ keyId: scalar });
const log = message({
  baseUrl: scalar,
  hashAlgorithm: scalar,
  publicKey: message({ rawBytes: scalar, keyDetails: scalar, validFor: range }),
  logId,
  checkpointKeyId: logId,
  operator: scalar,
});
const authority = message({
  subject: message({ organization: scalar, commonName: scalar }),
  uri: scalar,
  certChain: message({ certificates: list(message({ rawBytes: scalar }), MAX_CERTIFICATES) }),
  validFor: range,
  operator: scalar,
});
const ROOT = message({
  mediaType: scalar,
  tlogs: list(log, MAX_INSTANCES),
  certificateAuthorities: list(authority, MAX_INSTANCES),
  ctlogs: list(log, MAX_INSTANCES),
  timestampAuthorities: list(authority, MAX_INSTANCES),
});

const LIMITS = { maxBytes: 4 * 1024 * 1024, maxDepth: 16, maxValues: 20_000 };

/**
 * The members of a trusted_root.json, known by name. `source` names the document in errors: TRUST_INVALID for anything that
 * is no trusted root, LIMIT_EXCEEDED beyond 4 MiB, 128 instances of a kind or chains of ten.
 */
export const readTrustRootDocument = (bytes: Uint8Array, source: string): JsonObject => {
  const members = parseMembers(bytes, source);
  const { mediaType } = members;
  if (typeof mediaType === "string" && MEDIA_TYPES.has(mediaType)) return members;
  const shown = JSON.stringify(mediaType ?? null).slice(0, 120);
  throw trustFlaw("unreadable", `${source}: no trusted root: it has the media type ${shown}`);
};

const parseMembers = (bytes: Uint8Array, source: string): JsonObject => {
  try {
    return readProtoJson(parseStrict(bytes, source, LIMITS), ROOT, `${source}: trustedRoot`) as JsonObject;
  } catch (thrown) {
    if (!hasCode(thrown, "INPUT_INVALID")) throw thrown;
    throw trustFlaw("unreadable", thrown.message, thrown);
  }
};
