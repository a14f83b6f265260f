import { createHash } from "node:crypto";
import { encodeBase64 } from "#claims/base64.ts";
import { readBundleContent } from "#claims/bundleContent.ts";
import type { Candidate, Found } from "#claims/claim.ts";
import { writeProtoJson } from "#claims/goJson.ts";
import { hasCode } from "#core/errors.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";

export interface BundleInput {
  readonly payloadType: string;
  readonly payload: Uint8Array;
  /** Raw signature over the payload's pre-authentication encoding. */
  readonly signature: Uint8Array;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeySpki: Uint8Array;
}

/** A keyed Sigstore bundle v0.3: exactly the members that cosign writes, in its order (cosign.md 2.3). */
export const writeBundle = ({ payloadType, payload, signature, publicKeySpki }: BundleInput): Uint8Array =>
  writeProtoJson({
    mediaType: MEDIA_TYPE.bundle,
    verificationMaterial: { publicKey: { hint: publicKeyHint(publicKeySpki) } },
    dsseEnvelope: { payload: encodeBase64(payload), payloadType, signatures: [{ sig: encodeBase64(signature) }] },
  });

/** How bundles name a key: base64 of the SHA-256 of its SPKI. Unsigned, so never evidence. */
export const publicKeyHint = (spki: Uint8Array): string => createHash("sha256").update(spki).digest("base64");

/**
 * The claim about an image in a bundle (`readBundleContent`). A bundle that cannot be read, or that signs a message instead
 * of a statement, is a value with the reason.
 */
export const readBundle = (bytes: Uint8Array, found: Found): Candidate => {
  try {
    const content = readBundleContent(bytes);
    if (content.kind === "dsse") return { ...content, found, bytes };
    return { kind: "unreadable", found, reason: NO_STATEMENT };
  } catch (error) {
    if (!hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED")) throw error;
    return { kind: "unreadable", found, reason: error.message };
  }
};

const NO_STATEMENT = "bundle signs a message (as sign-blob does), not a statement about an image";
