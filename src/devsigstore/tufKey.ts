import { createHash, createPublicKey, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { canonicalJson } from "#core/canonicalJson.ts";
import { WaybillError } from "#core/errors.ts";
import type { JsonObject } from "#core/strictJson.ts";

/** A key that signs metadata of TUF. */
export interface TufKey {
  /** SHA-256 of `metadata` in canonical form, hex. */
  readonly id: string;
  /** As it stands in root metadata. */
  readonly metadata: JsonObject;
  readonly sign: (bytes: Uint8Array) => Uint8Array;
}

/** A private key, Ed25519 or ECDSA P-256, as a key of TUF. USAGE_INVALID for others. */
export const tufKey = (privateKey: KeyObject): TufKey => {
  const metadata = describe(createPublicKey(privateKey));
  const hash = privateKey.asymmetricKeyType === "ed25519" ? null : "sha256";
  return {
    id: createHash("sha256").update(canonicalJson(metadata)).digest("hex"),
    metadata,
    sign: (bytes) => sign(hash, bytes, privateKey),
  };
};

const describe = (key: KeyObject): JsonObject => {
  if (key.asymmetricKeyType === "ed25519") {
    const raw = key.export({ type: "spki", format: "der" }).subarray(-32);
    return { keytype: "ed25519", scheme: "ed25519", keyval: { public: raw.toString("hex") } };
  }
  if (key.asymmetricKeyDetails?.namedCurve === "prime256v1") {
    const pem = key.export({ type: "spki", format: "pem" }).toString();
    return { keytype: "ecdsa", scheme: "ecdsa-sha2-nistp256", keyval: { public: pem } };
  }
  throw new WaybillError("USAGE_INVALID", "keys of TUF are Ed25519 or ECDSA P-256 here");
};
