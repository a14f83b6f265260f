import { createHash } from "node:crypto";
import { PACKED_FORM } from "#sbom/packScan.ts";
import type { LayerContent } from "#sbom/readLayer.ts";
import type { LayerJob } from "#sbom/scanLayer.ts";

/**
 * Under which name a layer's facts are kept: it changes with everything that they depend on. `engine` names the code of all
 * catalogers; the diffID is the config's word for what the blob inflates to, and another config may lie about it.
 */
export const factKey = (engine: string, { descriptor }: LayerContent, { diffId, limits, wanted }: LayerJob): string => {
  const { width: _, ...bounds } = limits;
  const text = JSON.stringify([PACKED_FORM, engine, descriptor.digest, descriptor.size, diffId, bounds, wanted ?? []]);
  return createHash("sha256").update(text).digest("hex");
};
