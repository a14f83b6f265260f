import { isJsonObject } from "#core/strictJson.ts";
import { readLifecycle } from "#sbom/embedded/readLifecycle.ts";
import type { LayerFacts } from "#sbom/package.ts";

/**
 * Index of the layer that the buildpacks lifecycle made of the launch SBOMs: its diffID is `sbom.sha` in that label's JSON.
 * Undefined where no label, or none that can be read, names a layer of the image.
 */
export const findSbomLayer = (
  labels: Readonly<Record<string, string>>,
  layers: readonly LayerFacts[],
): number | undefined => {
  const sbom = readLifecycle(labels)?.["sbom"];
  const sha = isJsonObject(sbom) ? sbom["sha"] : undefined;
  return layers.find(({ diffId }) => diffId === sha)?.index;
};
