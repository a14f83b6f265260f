import type { BlobWriter, ManifestReader, ManifestWriter, TagMerge } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import { hasCode } from "#core/errors.ts";
import { rawManifest } from "#core/manifest.ts";
import type { RawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { mergeTag } from "#core/mergeTag.ts";
import { fallbackTag } from "#registry/fallbackIndex.ts";

export interface ListedReferrers {
  readonly store: ManifestReader & ManifestWriter & BlobWriter;
  readonly subject: Digest;
  readonly manifests: readonly RawManifest[];
  /** Which of them the registry lists now; undefined where it does not say. */
  readonly listed: (ctx: Ctx) => Promise<readonly Digest[] | undefined>;
  /** The same, just asked for. */
  readonly first: readonly Digest[] | undefined;
}

/**
 * Writes referrers again that the registry took and does not list: olareg 0.1.2 keeps the list of a subject in a file that
 * it reads and writes without a lock, so that of papers that arrive together some are forgotten, whoever sends them. To us
 * such a list is a tag that others write: it is merged and settled like one. Where it never comes right only a warning says
 * so, since the registry acknowledged the papers and may list them later. Resolves to what is left to settle.
 */
export const keepListed = async (ctx: Ctx, referrers: ListedReferrers): Promise<TagMerge> => {
  const { manifests, first } = referrers;
  const list = listAsTag(referrers);
  if (manifests.every((one) => first?.includes(one.digest) !== false)) return list;
  try {
    return (await mergeTag(ctx, list)).settling ?? list;
  } catch (error) {
    if (!hasCode(error, "TAG_CONTENDED")) throw error;
    const message = `the registry took papers of ${referrers.subject} and does not list them`;
    ctx.emit({ kind: "warning", message });
    return list;
  }
};

/** The list as the tag that it is where there is no referrers API; only our entries are ever read. */
const listAsTag = ({ store, subject, manifests, listed }: ListedReferrers): TagMerge => {
  const missingIn = (current: RawManifest | undefined): readonly RawManifest[] => {
    const there = current === undefined ? [] : (JSON.parse(Buffer.from(current.bytes).toString()) as readonly Digest[]);
    return manifests.filter((one) => !there.includes(one.digest));
  };
  let missing: readonly RawManifest[] = [];
  return {
    tag: fallbackTag(subject),
    patient: true,
    repository: {
      ...store,
      readManifest: async (ctx) => describeList((await listed(ctx)) ?? manifests.map((one) => one.digest)),
      // One after another: together they would push each other out.
      writeManifest: async (ctx) => {
        for (const one of missing) await store.writeManifest(ctx, one, undefined);
      },
    },
    merge: (current) => {
      missing = missingIn(current);
      if (missing.length === 0) return { kind: "unchanged" };
      return { kind: "write", manifest: describeList(manifests.map((one) => one.digest)), blobs: [] };
    },
  };
};

const describeList = (digests: readonly Digest[]): RawManifest =>
  rawManifest(Buffer.from(JSON.stringify(digests)), MEDIA_TYPE.ociIndex);
