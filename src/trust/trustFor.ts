import type { Reference } from "#core/reference.ts";
import type { TrustMaterial } from "#trust/verifiedClaim.ts";

/** Who may speak about one image: keys that are meant for others do not. */
export const trustFor = (trust: TrustMaterial, image: Reference): TrustMaterial => {
  const keys = trust.keys.filter(({ images }) => images?.some(({ matches }) => matches(image)) ?? true);
  return keys.length === trust.keys.length ? trust : { ...trust, keys };
};
