import type { Descriptor } from "#core/descriptor.ts";
import type { JsonObject } from "#core/strictJson.ts";

export const REF_NAME = "org.opencontainers.image.ref.name";

/** Under which cosign and hauler say what a manifest is to them. */
export const KIND = "kind";

/** One manifest listed in index.json. */
export interface LayoutEntry {
  readonly descriptor: Descriptor;
  /** Undefined where the entry has no name, or one that is no tag (some tools write a whole reference there). */
  readonly tag: string | undefined;
  /** As it stands in the file, so that what other tools wrote survives our writing. */
  readonly json: JsonObject;
}
