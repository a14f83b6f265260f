import type { BaseImage } from "#sbom/findBase.ts";

/** Whether a layer is one of the base image's, as a property's value; undefined where nobody knows. */
export const isOfBase = (base: BaseImage | undefined, layer: number): "true" | "false" | undefined => {
  if (base?.layers === undefined) return undefined;
  return layer < base.layers ? "true" : "false";
};
