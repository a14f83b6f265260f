import { foreignTags } from "#archive/foreignTags.ts";
import type { LayoutEntry } from "#archive/layoutEntry.ts";
import { KIND, REF_NAME } from "#archive/layoutEntry.ts";
import { readDescriptor } from "#core/descriptor.ts";
import type { Descriptor } from "#core/descriptor.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { isTag } from "#core/reference.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";

// The OCI image layout (image-spec 1.1, "OCI Image Layout Specification"): `oci-layout`, `index.json`, `blobs/ALG/HEX`.
// A tag is an entry of index.json with the annotation below; entries without one are children and referrers.

/** The whole content of the `oci-layout` file. */
export const LAYOUT_MARKER = '{"imageLayoutVersion":"1.0.0"}';

/** index.json as a value; changed only through the functions below. */
export interface LayoutIndex {
  readonly entries: readonly LayoutEntry[];
  readonly json: JsonObject;
  readonly byTag: ReadonlyMap<string, readonly LayoutEntry[]>;
  readonly byDigest: ReadonlyMap<Digest, LayoutEntry>;
}

/** 64 MiB hold some 200,000 manifests: far beyond any honest repository. */
export const MAX_INDEX_BYTES = 64 * 1024 * 1024;
const INDEX_LIMITS = { maxBytes: MAX_INDEX_BYTES, maxDepth: 32, maxValues: 4_000_000 };
const MARKER_LIMITS = { maxBytes: 4096, maxDepth: 8, maxValues: 100 };

/** Reads the `oci-layout` file; INPUT_INVALID unless it is of the one version there is. */
export const checkLayoutMarker = (bytes: Uint8Array, where: string): void => {
  const value = parseStrict(bytes, where, MARKER_LIMITS);
  if (isJsonObject(value) && value["imageLayoutVersion"] === "1.0.0") return;
  throw new WaybillError("INPUT_INVALID", `${where}: is not an OCI layout of version 1.0.0`, {
    hint: "The file oci-layout must hold an imageLayoutVersion of 1.0.0.",
  });
};

/** Reads index.json; INPUT_INVALID or LIMIT_EXCEEDED naming `where`. */
export const parseLayoutIndex = (bytes: Uint8Array, where: string): LayoutIndex => {
  const value = parseStrict(bytes, where, INDEX_LIMITS);
  if (!isJsonObject(value) || value["schemaVersion"] !== 2)
    throw new WaybillError("INPUT_INVALID", `${where}: is not an image index of schema version 2`);
  const list = value["manifests"];
  // Go writes null for an empty list.
  if (list === null || list === undefined) return layoutIndex([], value);
  if (!Array.isArray(list)) throw new WaybillError("INPUT_INVALID", `${where}: manifests is not a list`);
  const entries = (list as readonly Json[]).map((one, at) => readEntry(one, `${where}: manifests[${at}]`));
  return layoutIndex(entries, value);
};

const readEntry = (value: Json, where: string): LayoutEntry => {
  const descriptor = readDescriptor(value, where);
  const name = descriptor.annotations?.[REF_NAME];
  return { descriptor, tag: name !== undefined && isTag(name) ? name : undefined, json: value as JsonObject };
};

/** The same index with other entries, as they are to stand in the file. */
export const withEntries = (index: LayoutIndex, entries: readonly JsonObject[]): LayoutIndex =>
  layoutIndex(
    entries.map((json, at) => readEntry(json, `manifests[${at}]`)),
    index.json,
  );

/**
 * The same entries, untagged ones first by their digests, then by tag: papers are listed as they arrive, which is another
 * order in every run. Entries of one tag stay in theirs.
 */
export const sortedIndex = (index: LayoutIndex): LayoutIndex =>
  layoutIndex(
    index.entries.toSorted((a, b) => compareText(a.tag ?? "", b.tag ?? "") || compareText(digestIn(a), digestIn(b))),
    index.json,
  );

const digestIn = (entry: LayoutEntry): string => (entry.tag === undefined ? entry.descriptor.digest : "");

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The bytes of index.json, compact. */
export const formatLayoutIndex = (index: LayoutIndex): string =>
  JSON.stringify({ ...index.json, manifests: index.entries.map((entry) => entry.json) });

const layoutIndex = (entries: readonly LayoutEntry[], json: JsonObject): LayoutIndex => {
  const byTag = new Map<string, LayoutEntry[]>();
  const byDigest = new Map<Digest, LayoutEntry>();
  for (const entry of entries) {
    const { digest } = entry.descriptor;
    if (!byDigest.has(digest)) byDigest.set(digest, entry);
    if (entry.tag !== undefined) addTo(byTag, entry.tag, entry);
  }
  const foreign = new Map<string, LayoutEntry[]>();
  for (const [tag, entry] of foreignTags(entries)) if (!byTag.has(tag)) addTo(foreign, tag, entry);
  return { entries, json, byTag: foreign.size === 0 ? byTag : new Map([...byTag, ...foreign]), byDigest };
};

const addTo = (byTag: Map<string, LayoutEntry[]>, tag: string, entry: LayoutEntry): void => {
  const named = byTag.get(tag);
  if (named === undefined) byTag.set(tag, [entry]);
  else named.push(entry);
};

export const EMPTY_LAYOUT_INDEX: LayoutIndex = layoutIndex([], { schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex });

/** The manifest under a tag. Two different ones under one name are INPUT_INVALID: no reader could know which is meant. */
export const findTag = (index: LayoutIndex, tag: string): Descriptor | undefined => {
  const [first, ...others] = index.byTag.get(tag) ?? [];
  if (first === undefined) return undefined;
  if (others.some((other) => other.descriptor.digest !== first.descriptor.digest))
    throw new WaybillError("INPUT_INVALID", `index.json names several manifests ${JSON.stringify(tag)}`);
  return first.descriptor;
};

/**
 * Lists a manifest, under a tag or without one. Whatever had the tag stays listed without it, as a registry keeps it by
 * digest: it may be a referrer, or what somebody pinned.
 */
export const putManifest = (
  index: LayoutIndex,
  manifest: Pick<Descriptor, "mediaType" | "digest" | "size" | "artifactType" | "annotations">,
  tag: string | undefined,
): LayoutIndex => {
  const { mediaType, digest, size } = manifest;
  const same = index.byDigest.get(digest);
  if (tag === undefined && same !== undefined) return index;
  if (tag !== undefined && isSettled(index, manifest, tag)) return index;
  const others = tag === undefined ? index.entries : withoutTag(index, tag);
  const kept = others.filter((entry) => entry.descriptor.digest !== digest || isNamed(entry));
  const told = tag === undefined ? hintsOf(manifest) : { annotations: { ...kindUnder(index, tag), [REF_NAME]: tag } };
  return layoutIndex([...kept, readEntry({ mediaType, digest, size, ...told }, "entry")], index.json);
};

// An entry is a hint; one that is longer than its manifest is none.
const MAX_HINT = 16 * 1024;
// These name what is listed, and whoever writes a paper must not name it.
const NAMING: ReadonlySet<string> = new Set([REF_NAME, KIND, "io.containerd.image.name"]);

/** What tools that know no graph look at: the type of a referrer and its annotations (airgap.md 2.2). */
const hintsOf = ({ artifactType, annotations = {} }: Pick<Descriptor, "artifactType" | "annotations">): JsonObject => {
  const free = Object.fromEntries(Object.entries(annotations).filter(([name]) => !NAMING.has(name)));
  const told = Object.keys(free).length > 0 && JSON.stringify(free).length <= MAX_HINT ? { annotations: free } : {};
  return { ...(artifactType === undefined ? {} : { artifactType }), ...told };
};

/** What cosign calls the manifest that the tag named, which the one that takes its place is, too. */
const kindUnder = (index: LayoutIndex, tag: string): JsonObject => {
  const kind = index.byTag.get(tag)?.[0]?.descriptor.annotations?.[KIND];
  return kind === undefined ? {} : { [KIND]: kind };
};

/** Takes the tag away; its manifest stays listed by digest. The same value where there was no such tag. */
export const removeTag = (index: LayoutIndex, tag: string): LayoutIndex =>
  index.byTag.has(tag) ? layoutIndex(withoutTag(index, tag), index.json) : index;

/** Takes a manifest away with all its tags. The same value where it was not listed. */
export const removeManifest = (index: LayoutIndex, digest: Digest): LayoutIndex =>
  index.byDigest.has(digest)
    ? layoutIndex(
        index.entries.filter((entry) => entry.descriptor.digest !== digest),
        index.json,
      )
    : index;

const isSettled = (index: LayoutIndex, manifest: Pick<Descriptor, "mediaType" | "digest">, tag: string): boolean => {
  const named = index.byTag.get(tag) ?? [];
  return (
    named.length === 1 &&
    named[0]?.descriptor.digest === manifest.digest &&
    named[0].descriptor.mediaType === manifest.mediaType
  );
};

/** True for an entry that some tool gave a name, be it a tag or not. */
const isNamed = (entry: LayoutEntry): boolean => entry.descriptor.annotations?.[REF_NAME] !== undefined;

const withoutTag = (index: LayoutIndex, tag: string): readonly LayoutEntry[] => {
  const freed = new Set<Digest>();
  const named = new Set(index.byTag.get(tag));
  const kept = index.entries.filter((entry) => !named.has(entry));
  const listed = new Set(kept.map((entry) => entry.descriptor.digest));
  return index.entries.flatMap((entry) => {
    if (!named.has(entry)) return [entry];
    const { digest } = entry.descriptor;
    if (listed.has(digest) || freed.has(digest)) return [];
    freed.add(digest);
    return [unnamed(entry)];
  });
};

const unnamed = (entry: LayoutEntry): LayoutEntry => {
  const { annotations, ...rest } = entry.json;
  const { [REF_NAME]: _name, [KIND]: _kind, ...others } = isJsonObject(annotations) ? annotations : {};
  return readEntry(Object.keys(others).length === 0 ? rest : { ...rest, annotations: others }, "entry");
};
