import { KIND } from "#archive/layoutEntry.ts";
import { withEntries } from "#archive/ociLayout.ts";
import type { LayoutIndex } from "#archive/ociLayout.ts";
import { digestAlgorithm, digestHex } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { isIndexType } from "#core/manifest.ts";
import { isJsonObject } from "#core/strictJson.ts";
import type { JsonObject } from "#core/strictJson.ts";

const COSIGN = "dev.cosignproject.cosign/";

/**
 * Says of an image and its `.sig` and `.att` manifests what `cosign load` looks for; it knows one image in a layout, so the
 * words are taken from any other. The same value where everything is said.
 */
export const markForCosign = (index: LayoutIndex, image: Digest): LayoutIndex => {
  const tag = `${digestAlgorithm(image)}-${digestHex(image)}`;
  let marked = false;
  const entries = index.entries.map((entry): JsonObject => {
    const { descriptor } = entry;
    const papers = index.byTag.get(`${tag}.sig`)?.includes(entry)
      ? "sigs"
      : index.byTag.get(`${tag}.att`)?.includes(entry)
        ? "atts"
        : undefined;
    // One image may stand there under several names.
    const isImage: boolean = descriptor.digest === image && !marked;
    marked ||= isImage;
    const kind = isImage ? (isIndexType(descriptor.mediaType) ? "imageIndex" : "image") : papers;
    return withKind(entry.json, kind, descriptor.annotations?.[KIND]?.startsWith(COSIGN) === true);
  });
  return entries.every((json, at) => json === index.entries[at]?.json) ? index : withEntries(index, entries);
};

const withKind = (json: JsonObject, kind: string | undefined, had: boolean): JsonObject => {
  const annotations = isJsonObject(json["annotations"]) ? json["annotations"] : {};
  const value = kind === undefined ? undefined : COSIGN + kind;
  if (annotations[KIND] === value || (value === undefined && !had)) return json;
  const { [KIND]: _, ...others } = annotations;
  const next = value === undefined ? others : { ...others, [KIND]: value };
  const { annotations: __, ...rest } = json;
  return Object.keys(next).length === 0 ? rest : { ...rest, annotations: next };
};
