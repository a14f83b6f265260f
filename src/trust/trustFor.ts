import type { Reference } from "#core/reference.ts";
import type { TrustedKey, TrustMaterial } from "#trust/verifiedClaim.ts";

/** Who may speak about one image: keys that are meant for others do not. Undefined: about a file, which is no image. */
export const trustFor = (trust: TrustMaterial, image: Reference | undefined): TrustMaterial => {
  const counts = (images: TrustedKey["images"]): boolean =>
    images === undefined || (image !== undefined && images.some(({ matches }) => matches(image)));
  const keys = trust.keys.filter(({ images }) => counts(images));
  return keys.length === trust.keys.length ? trust : { ...trust, keys };
};
