import { encodeBase64 } from "#claims/base64.ts";
import { publicKeyHint } from "#claims/bundle.ts";
import { hashAlgorithmName } from "#claims/signedContent.ts";
import { writeProtoJson } from "#claims/goJson.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import type { MessageDigest } from "#core/message.ts";

export interface MessageBundleInput {
  /** Raw signature over the message. */
  readonly signature: Uint8Array;
  /** Of the message; cosign 3 verifies no bundle without it. */
  readonly digest: MessageDigest;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeySpki: Uint8Array;
}

/** A keyed Sigstore bundle v0.3 of a signed file: exactly the members that cosign writes, in its order (cosign.md 2.3). */
export const writeMessageBundle = ({ signature, digest, publicKeySpki }: MessageBundleInput): Uint8Array =>
  writeProtoJson({
    mediaType: MEDIA_TYPE.bundle,
    verificationMaterial: { publicKey: { hint: publicKeyHint(publicKeySpki) } },
    messageSignature: {
      messageDigest: { algorithm: hashAlgorithmName(digest.hash), digest: encodeBase64(digest.value) },
      signature: encodeBase64(signature),
    },
  });
