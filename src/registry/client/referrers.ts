import type {
  ManifestReader,
  ManifestWriter,
  BlobWriter,
  ReferrerLister,
  ReferrerWriter,
  TagMerge,
} from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Descriptor } from "#core/descriptor.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import { MAX_MANIFEST_BYTES } from "#core/manifest.ts";
import type { RawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { mergeTag } from "#core/mergeTag.ts";
import { mediaTypeOf } from "#registry/client/mediaTypeOf.ts";
import { readPages } from "#registry/client/pages.ts";
import type { RepositoryCalls } from "#registry/client/repositoryCalls.ts";
import type { SessionAnswer } from "#registry/client/session.ts";
import { fallbackTag, mergeFallbackIndex, readFallbackIndex } from "#registry/fallbackIndex.ts";
import { readManifestLinks } from "#registry/layout/manifestLinks.ts";
import { parseReferrerList, readReferrers } from "#registry/referrerList.ts";

// Attack 26: whoever may push can make the list as long as he likes.
const MAX_REFERRERS = 5000;
const MAX_PAGES = 200;
// Registries older than the API answer its path in one of these ways; every other failure is a failure.
const NO_API: ReadonlySet<number> = new Set([400, 404, 405, 406, 501]);

export interface ReferrerStore extends ManifestReader, ManifestWriter, BlobWriter {
  readonly calls: RepositoryCalls;
}

/** Referrers of one repository: the API of OCI distribution-spec 1.1, or the fallback tag where there is none. */
export const openReferrers = (store: ReferrerStore): ReferrerLister & ReferrerWriter => {
  let hasApi: boolean | undefined;
  const list = async (ctx: Ctx, subject: Digest): Promise<readonly Descriptor[] | undefined> => {
    const found = await listByApi(store.calls, ctx, subject);
    // Once seen, it is there: some registries answer 404 for a subject that they do not have.
    hasApi = hasApi === true || found !== undefined;
    return found;
  };
  return {
    listReferrers: async (ctx, subject) =>
      (await list(ctx, subject)) ?? readFallbackIndex(await store.readManifest(ctx, fallbackTag(subject)), subject),

    writeReferrers: async (ctx, subject, manifests) => {
      const referrers = manifests.map((manifest) => describe(manifest, subject));
      for (const manifest of manifests) await store.writeManifest(ctx, manifest, undefined);
      // An OCI-Subject header in the answers is no proof: registries have sent it without listing anything (cosign.md 2.4).
      if (hasApi ?? (await list(ctx, subject)) !== undefined) return [];
      return writeFallback(store, ctx, subject, referrers);
    },
  };
};

const describe = (manifest: RawManifest, subject: Digest): Descriptor => {
  const links = readManifestLinks(manifest);
  if (links.subject !== subject)
    throw new WaybillError("INPUT_INVALID", `manifest ${manifest.digest}: its subject is not ${subject}`);
  return links.referrer;
};

const writeFallback = async (
  store: ReferrerStore,
  ctx: Ctx,
  subject: Digest,
  referrers: readonly Descriptor[],
): Promise<readonly TagMerge[]> => {
  const merge = mergeFallbackIndex(subject, referrers);
  const { settling } = await mergeTag(ctx, { repository: store, tag: fallbackTag(subject), merge });
  return settling === undefined ? [] : [settling];
};

/** All pages of the API, or undefined where the registry has none. */
const listByApi = async (
  calls: RepositoryCalls,
  ctx: Ctx,
  subject: Digest,
): Promise<readonly Descriptor[] | undefined> => {
  const found = new Map<Digest, Descriptor>();
  const request = {
    target: `referrers/${subject}`,
    accept: MEDIA_TYPE.ociIndex,
    maxBytes: MAX_MANIFEST_BYTES,
    maxPages: MAX_PAGES,
  };
  let first = true;
  for await (const answer of readPages(calls, ctx, request)) {
    const page = readPage(answer);
    // A list that ends in the middle is not a short list.
    if (page === undefined && !first) throw incomplete(calls, subject);
    if (page === undefined) return undefined;
    first = false;
    for (const referrer of page) found.set(referrer.digest, referrer);
    if (found.size > MAX_REFERRERS)
      throw new WaybillError("LIMIT_EXCEEDED", `${calls.name}: more than ${MAX_REFERRERS} referrers of ${subject}`);
  }
  return [...found.values()];
};

/** Undefined: whatever answers there is not the API. */
const readPage = (answer: SessionAnswer): readonly Descriptor[] | undefined => {
  if (NO_API.has(answer.status)) return undefined;
  if (answer.status !== 200) throw answer.error();
  if (mediaTypeOf(answer) !== MEDIA_TYPE.ociIndex) return undefined;
  try {
    return readReferrers(parseReferrerList(answer.bytes, "the list of referrers"));
  } catch (error) {
    if (hasCode(error, "INPUT_INVALID")) return undefined;
    throw error;
  }
};

const incomplete = (calls: RepositoryCalls, subject: Digest): WaybillError =>
  new WaybillError("REGISTRY_PROTOCOL", `${calls.name}: a page of the referrers of ${subject} is missing`);
