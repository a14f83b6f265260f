import { readDescriptor } from "#core/descriptor.ts";
import type { Descriptor } from "#core/descriptor.ts";
import { WaybillError } from "#core/errors.ts";
import { MAX_MANIFEST_BYTES } from "#core/manifest.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";

const LIMITS = { maxBytes: MAX_MANIFEST_BYTES, maxDepth: 32, maxValues: 500_000 };

/** An index that lists referrers: the document as it is, and its entries. */
export interface ReferrerList {
  readonly document: JsonObject;
  readonly entries: readonly Json[];
}

/** Parses an answer of the referrers API or a fallback index; throws INPUT_INVALID for what is no index. */
export const parseReferrerList = (bytes: Uint8Array, where: string): ReferrerList => {
  const document = parseStrict(bytes, where, LIMITS);
  const entries = isJsonObject(document) ? (document["manifests"] ?? []) : undefined;
  if (!isJsonObject(document) || !Array.isArray(entries))
    throw new WaybillError("INPUT_INVALID", `${where} is not an index`);
  return { document, entries: entries as readonly Json[] };
};

/**
 * Descriptors of a list's entries. Whoever may push wrote them: one that cannot be read must not hide the others, so it
 * comes without its odd fields, or, where nothing could be fetched by it, not at all.
 */
export const readReferrers = (list: ReferrerList): readonly Descriptor[] =>
  list.entries.flatMap((entry) => {
    if (!isJsonObject(entry)) return [];
    const { mediaType, digest, size } = entry;
    return tryRead(entry) ?? tryRead({ mediaType: mediaType ?? "", digest: digest ?? "", size: size ?? -1 }) ?? [];
  });

const tryRead = (entry: JsonObject): Descriptor | undefined => {
  try {
    return readDescriptor(entry, "entry");
  } catch {
    return undefined;
  }
};
