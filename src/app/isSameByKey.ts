import type { PublicKey } from "#core/keyAlgorithm.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { checkSignature } from "#trust/checkSignature.ts";
import type { IsSamePaper } from "#app/appendPapers.ts";

const SIGNATURE = "dev.cosignproject.cosign/signature";

/** The payload is equal and its signature verifies under our key, whoever of us wrote it. */
export const isSameByKey =
  (key: PublicKey): IsSamePaper =>
  (layer, paper) => {
    if (layer.digest !== paper.layer.digest || layer.mediaType !== paper.layer.mediaType) return false;
    if (layer.mediaType !== MEDIA_TYPE.simpleSigning) return true;
    const signature = layer.annotations?.[SIGNATURE] ?? "";
    return checkSignature(key, paper.bytes, Buffer.from(signature, "base64")) !== undefined;
  };
