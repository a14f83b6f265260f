import { WaybillError } from "#core/errors.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { Json } from "#core/strictJson.ts";
import type { LayerFacts } from "#sbom/package.ts";

const LABEL = "io.buildpacks.lifecycle.metadata";

/**
 * Index of the layer that the buildpacks lifecycle made of the launch SBOMs: its diffID is `sbom.sha` in that label's JSON.
 * Undefined where no label, or none that can be read, names a layer of the image.
 */
export const findSbomLayer = (
  labels: Readonly<Record<string, string>>,
  layers: readonly LayerFacts[],
): number | undefined => {
  const sha = Object.hasOwn(labels, LABEL) ? stateOf(labels[LABEL] ?? "") : undefined;
  const found = layers.find(({ diffId }) => diffId === sha);
  return found?.index;
};

const stateOf = (label: string): Json | undefined => {
  try {
    const metadata = parseStrict(Buffer.from(label), LABEL);
    const sbom = isJsonObject(metadata) ? metadata["sbom"] : undefined;
    return isJsonObject(sbom) ? sbom["sha"] : undefined;
  } catch (thrown) {
    if (thrown instanceof WaybillError) return undefined;
    throw thrown;
  }
};
