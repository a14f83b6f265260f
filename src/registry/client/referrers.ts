import type {
  ManifestReader,
  ManifestWriter,
  BlobWriter,
  ReferrerLister,
  ReferrerQuery,
  ReferrerRemover,
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
import { keepListed } from "#registry/client/keepListed.ts";
import { dropFromFallbackIndex, fallbackTag, mergeFallbackIndex, readFallbackIndex } from "#registry/fallbackIndex.ts";
import { readManifestLinks } from "#registry/layout/manifestLinks.ts";
import { parseReferrerList, readReferrers } from "#registry/referrerList.ts";

// Attack 26: whoever may push can make the list as long as he likes. The first counts what is wanted, the others all.
const MAX_REFERRERS = 5000;
const MAX_LISTED = 50_000;
const MAX_LIST_BYTES = 64 * 1024 * 1024;
const MAX_PAGES = 200;
// Registries older than the API answer its path in one of these ways; every other failure is a failure.
const NO_API: ReadonlySet<number> = new Set([400, 404, 405, 406, 501]);

export interface ReferrerStore extends ManifestReader, ManifestWriter, BlobWriter {
  readonly calls: RepositoryCalls;
}

/** Referrers of one repository: the API of OCI distribution-spec 1.1, or the fallback tag where there is none. */
export const openReferrers = (store: ReferrerStore): ReferrerLister & ReferrerWriter & ReferrerRemover => {
  let hasApi: boolean | undefined;
  let isOdd = false;
  const list = async (ctx: Ctx, subject: Digest, query: ReferrerQuery): Promise<readonly Descriptor[] | undefined> => {
    const found = await listByApi(store.calls, ctx, subject, query, () => (isOdd = true));
    // Once seen, it is there: some registries answer 404 for a subject that they do not have.
    hasApi = hasApi === true || found !== undefined;
    return found;
  };
  return {
    listReferrers: async (ctx, subject, query = EVERYTHING) => {
      const found = await list(ctx, subject, query);
      if (found !== undefined) return found;
      const index = await store.readManifest(ctx, fallbackTag(subject));
      // A yes that is no list may hide one: only where papers are listed by the tag is it known that there is no API.
      if (index === undefined && isOdd) throw noList(store.calls, subject);
      return readFallbackIndex(index, subject).filter(query.wants);
    },

    writeReferrers: async (ctx, subject, manifests) => {
      const referrers = manifests.map((manifest) => describe(manifest, subject));
      for (const manifest of manifests) await store.writeManifest(ctx, manifest, undefined);
      // An OCI-Subject header in the answers is no proof: registries have sent it without listing anything (cosign.md 2.4).
      const own = new Set(manifests.map((manifest) => manifest.digest));
      const listOwn = async (call: Ctx): Promise<readonly Digest[] | undefined> => {
        // Of a list that is too long to be read whole nobody knows what it lacks.
        let cut = false;
        const query = { wants: (one: Descriptor) => own.has(one.digest), onLimit: () => void (cut = true) };
        const found = await list(call, subject, query);
        return cut ? [...own] : found?.map((one) => one.digest);
      };
      const listed = await listOwn(ctx);
      if (listed === undefined && hasApi !== true) return writeFallback(store, ctx, subject, referrers);
      return [await keepListed(ctx, { store, subject, manifests, listed: listOwn, first: listed })];
    },

    removeReferrers: async (ctx, subject, referrers) => {
      for (const referrer of referrers) await store.deleteManifest(ctx, referrer);
      // Whether or not there is an API: whoever wrote without one left an index, which copies and mirrors take along.
      const merge = dropFromFallbackIndex(subject, referrers);
      const { settling } = await mergeTag(ctx, { repository: store, tag: fallbackTag(subject), merge });
      return settling === undefined ? [] : [settling];
    },
  };
};

const EVERYTHING: ReferrerQuery = {
  wants: () => true,
  onLimit: (error) => {
    throw error;
  },
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

/** What is wanted of all pages of the API, or undefined where the registry has none. */
export const listByApi = async (
  calls: RepositoryCalls,
  ctx: Ctx,
  subject: Digest,
  query: ReferrerQuery,
  onOdd: () => void,
): Promise<readonly Descriptor[] | undefined> => {
  const found = new Map<Digest, Descriptor>();
  let first = true;
  try {
    for await (const page of readReferrerPages(calls, ctx, subject, onOdd)) {
      // A list that ends in the middle is not a short list.
      if (page === undefined && !first) throw incomplete(calls, subject);
      if (page === undefined) return undefined;
      first = false;
      for (const one of page) {
        if (found.has(one.digest) || !query.wants(one)) continue;
        if (found.size === MAX_REFERRERS) throw tooMany(calls, subject, `${MAX_REFERRERS} referrers`);
        found.set(one.digest, one);
      }
    }
  } catch (error) {
    // On the first page nothing is known yet, not even that this is the API.
    if (first || !hasCode(error, "LIMIT_EXCEEDED")) throw error;
    query.onLimit(error);
  }
  return [...found.values()];
};

/** Pages within the limits on the whole list; undefined for one that is no page. */
async function* readReferrerPages(
  calls: RepositoryCalls,
  ctx: Ctx,
  subject: Digest,
  onOdd: () => void,
): AsyncGenerator<readonly Descriptor[] | undefined> {
  const target = `referrers/${subject}`;
  const request = { target, accept: MEDIA_TYPE.ociIndex, maxBytes: MAX_MANIFEST_BYTES, maxPages: MAX_PAGES };
  let bytes = 0;
  let listed = 0;
  for await (const answer of readPages(calls, ctx, request)) {
    const page = readPage(answer);
    if (page === undefined && answer.status === 200) onOdd();
    yield page;
    bytes += answer.bytes.byteLength;
    listed += page?.length ?? 0;
    if (bytes > MAX_LIST_BYTES) throw tooMany(calls, subject, `${MAX_LIST_BYTES} bytes of referrers`);
    if (listed > MAX_LISTED) throw tooMany(calls, subject, `${MAX_LISTED} referrers of any kind`);
  }
}

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

const tooMany = (calls: RepositoryCalls, subject: Digest, what: string): WaybillError =>
  new WaybillError("LIMIT_EXCEEDED", `${calls.name}: more than ${what} on ${subject}`);

const noList = (calls: RepositoryCalls, subject: Digest): WaybillError =>
  new WaybillError("REGISTRY_PROTOCOL", `${calls.name}: the answer for the referrers of ${subject} is no list`);

const incomplete = (calls: RepositoryCalls, subject: Digest): WaybillError =>
  new WaybillError("REGISTRY_PROTOCOL", `${calls.name}: a page of the referrers of ${subject} is missing`);
