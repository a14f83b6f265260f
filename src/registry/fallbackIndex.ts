import type { Descriptor } from "#core/descriptor.ts";
import { digestAlgorithm, digestHex } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { rawManifest } from "#core/manifest.ts";
import type { RawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import type { TagMergeResult } from "#core/content.ts";
import { isJsonObject } from "#core/strictJson.ts";
import type { Json } from "#core/strictJson.ts";
import { parseReferrerList, readReferrers } from "#registry/referrerList.ts";

// OCI distribution-spec 1.1, "Referrers Tag Schema"; cosign.md 2.4.

/** The tag that lists a subject's referrers where the registry has no API for it: algorithm and digest, cut to fit a tag. */
export const fallbackTag = (subject: Digest): string =>
  `${digestAlgorithm(subject).slice(0, 32)}-${digestHex(subject).slice(0, 64)}`;

/** Descriptors of what stands under a fallback tag; none where it is no list of referrers (GitLab gives the image itself). */
export const readFallbackIndex = (found: RawManifest | undefined, subject: Digest): readonly Descriptor[] =>
  found === undefined || !isList(found, subject)
    ? []
    : readReferrers(parseReferrerList(found.bytes, `the index of referrers of ${subject}`));

/**
 * The merge of a fallback tag: entries that are there stay as they are, unknown fields included; new ones are added, and
 * all stand in the order of their digests, as go-containerregistry leaves them.
 */
export const mergeFallbackIndex =
  (subject: Digest, referrers: readonly Descriptor[]) =>
  (current: RawManifest | undefined): TagMergeResult => {
    if (current !== undefined && !isList(current, subject)) throw occupied(subject);
    const { document, entries } =
      current === undefined
        ? { document: {}, entries: [] }
        : parseReferrerList(current.bytes, `the index of referrers of ${subject}`);
    const there = new Set(entries.map(entryDigest));
    const added = referrers.filter(({ digest }) => !there.has(digest)).map(asEntry);
    if (added.length === 0) return { kind: "unchanged" };
    const manifests = [...entries, ...added].toSorted(byDigest);
    const merged = { schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, ...document, manifests };
    return {
      kind: "write",
      manifest: rawManifest(Buffer.from(JSON.stringify(merged)), MEDIA_TYPE.ociIndex),
      blobs: [],
    };
  };

/** The merge that takes entries out of a fallback tag; whatever else stands there stays as it is. */
export const dropFromFallbackIndex =
  (subject: Digest, referrers: readonly Digest[]) =>
  (current: RawManifest | undefined): TagMergeResult => {
    if (current === undefined || !isList(current, subject)) return { kind: "unchanged" };
    const { document, entries } = parseReferrerList(current.bytes, `the index of referrers of ${subject}`);
    const gone: ReadonlySet<string> = new Set(referrers);
    const manifests = entries.filter((entry) => !gone.has(entryDigest(entry)));
    if (manifests.length === entries.length) return { kind: "unchanged" };
    const bytes = Buffer.from(JSON.stringify({ ...document, manifests }));
    return { kind: "write", manifest: rawManifest(bytes, MEDIA_TYPE.ociIndex), blobs: [] };
  };

/** An index, and not the image itself: some registries resolve `sha256-<hex>` to the digest, some tools tag images so. */
const isList = (found: RawManifest, subject: Digest): boolean =>
  found.mediaType === MEDIA_TYPE.ociIndex && found.digest !== subject;

const occupied = (subject: Digest): WaybillError =>
  new WaybillError(
    "REGISTRY_REFUSED",
    `the tag ${fallbackTag(subject)} holds something other than an index of referrers`,
    {
      hint: "The registry has no referrers API, and this tag stands in for it; remove the tag, or use --storage legacy.",
    },
  );

/** Field order of go-containerregistry's descriptor. */
const asEntry = ({ mediaType, size, digest, annotations, artifactType }: Descriptor): Json => ({
  mediaType,
  size,
  digest,
  ...(annotations === undefined ? {} : { annotations }),
  ...(artifactType === undefined ? {} : { artifactType }),
});

const entryDigest = (entry: Json): string => {
  const digest = isJsonObject(entry) ? entry["digest"] : undefined;
  return typeof digest === "string" ? digest : "";
};

const byDigest = (a: Json, b: Json): number => {
  const [one, other] = [entryDigest(a), entryDigest(b)];
  return one < other ? -1 : Number(one > other);
};
