import { readBundle } from "#claims/bundle.ts";
import { bundleLayerOf } from "#claims/bundleManifest.ts";
import type { Candidate, Found } from "#claims/claim.ts";
import { claimFromLegacyLayer, legacyTag, readLegacyImage } from "#claims/legacyImage.ts";
import { SIGNATURE_TYPE } from "#claims/predicateType.ts";
import type { ReferrerQuery, Repository } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Descriptor } from "#core/descriptor.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError, asWaybillError, hasCode } from "#core/errors.ts";
import { mapLimited } from "#core/limit.ts";
import { parseManifest } from "#core/manifest.ts";
import type { RawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";

export type PaperKind = "signature" | "attestation";

/** What is looked for. */
export interface PaperSearch {
  readonly repository: Repository;
  readonly subject: Digest;
  readonly kinds: readonly PaperKind[];
  /** Of attestations, only this type is wanted; what says it is another one is looked at last. */
  readonly predicateType?: string | undefined;
}

/** A paper as found, before anything of it was verified. */
export interface GatheredPaper {
  readonly candidate: Candidate;
  /** Predicate type that the carrier's annotations claim; unsigned, good for display of the unverified only. */
  readonly hint: string | undefined;
}

/** A paper whose blob was not read yet. */
export interface PaperLocator {
  readonly found: Found;
  /** Bytes of the blob. */
  readonly size: number;
  readonly hint: string | undefined;
  /** Whether the carrier says that this is what is wanted, or says nothing; a lie costs its author only the place. */
  readonly likely: boolean;
  /** The blob's bytes, checked against digest and size by the time they end. */
  readonly bytes: () => AsyncIterable<Uint8Array>;
  readonly parse: (bytes: Uint8Array) => Candidate;
}

/** Papers found, papers that cannot even be located, and what kept us from knowing. */
export interface LocatedPapers {
  readonly locators: readonly PaperLocator[];
  readonly broken: readonly GatheredPaper[];
  readonly failures: readonly WaybillError[];
}

const NOWHERE: LocatedPapers = { locators: [], broken: [], failures: [] };

export const joinLocated = (parts: readonly LocatedPapers[]): LocatedPapers => ({
  locators: parts.flatMap((part) => part.locators),
  broken: parts.flatMap((part) => part.broken),
  failures: parts.flatMap((part) => part.failures),
});

/** The layers of a legacy tag; a tag that is not there holds nothing. */
export const locateLegacy = async (ctx: Ctx, search: PaperSearch, kind: PaperKind): Promise<LocatedPapers> => {
  const tag = legacyTag(search.subject, kind === "signature" ? "sig" : "att");
  let raw: RawManifest | undefined;
  try {
    raw = await search.repository.readManifest(ctx, tag);
    return raw === undefined ? NOWHERE : locateLayers(ctx, search, kind, tag, raw);
  } catch (error) {
    if (raw === undefined) return { ...NOWHERE, failures: [asFailure(error)] };
    return asBroken({ form: "legacy", manifest: raw.digest, tag }, undefined, error);
  }
};

const locateLayers = (ctx: Ctx, search: PaperSearch, kind: PaperKind, tag: string, raw: RawManifest): LocatedPapers => {
  const suffix = kind === "signature" ? "sig" : "att";
  const image = readLegacyImage(raw, suffix);
  const foundAt = (layer: number): Found => ({ form: "legacy", manifest: raw.digest, tag, layer });
  const locators = image.layers.map((layer): PaperLocator => {
    const found = foundAt(layer.position);
    const hint = kind === "signature" ? SIGNATURE_TYPE : layer.annotations?.["predicateType"];
    return {
      found,
      size: layer.size,
      hint,
      likely: isLikely(search, hint),
      bytes: () => search.repository.readBlob(ctx, layer),
      parse: (bytes) => claimFromLegacyLayer(found, layer, bytes, suffix),
    };
  });
  const broken = image.broken.map(({ position, reason }) => brokenPaper(foundAt(position), undefined, reason));
  const whole: Found = { form: "legacy", manifest: raw.digest, tag };
  // cosign's readers refuse a tag of more layers whole, so no honest writer makes one: it is a paper that lies, and a no.
  const over = image.beyond === undefined ? NOWHERE : brokenPaper(whole, undefined, image.beyond.message);
  return joinLocated([{ ...NOWHERE, locators }, ...broken, over]);
};

const BUNDLE_HINT = "dev.sigstore.bundle.predicateType";

/** Referrers that may carry a bundle, the likely ones apart, in a fixed order. */
export interface BundleList {
  readonly likely: readonly Descriptor[];
  readonly unlikely: readonly Descriptor[];
  readonly failures: readonly WaybillError[];
}

/** Lists a subject's referrers, `max` of them at most; what lies beyond is a failure, since nobody looks at it. */
export const listBundles = async (ctx: Ctx, search: PaperSearch, max: number): Promise<BundleList> => {
  const failures: WaybillError[] = [];
  const query: ReferrerQuery = { wants: mayBeBundle, onLimit: (error) => void failures.push(error) };
  try {
    const all = await search.repository.listReferrers(ctx, search.subject, query);
    // What says that it is wanted comes before what says nothing: junk without a word costs honest papers no place.
    const silent = ({ annotations }: Descriptor): number => (annotations?.[BUNDLE_HINT] === undefined ? 1 : 0);
    const sorted = all.toSorted((a, b) => silent(a) - silent(b) || (a.digest < b.digest ? -1 : 1));
    const likely = sorted.filter((one) => isLikely(search, one.annotations?.[BUNDLE_HINT]));
    const unlikely = sorted.filter((one) => !likely.includes(one));
    if (sorted.length > max) failures.push(tooMany(search.subject, sorted.length, max));
    return {
      likely: likely.slice(0, max),
      unlikely: unlikely.slice(0, Math.max(0, max - likely.length)),
      failures,
    };
  } catch (error) {
    return { likely: [], unlikely: [], failures: [asFailure(error)] };
  }
};

/** The type on a descriptor is a hint: cosign up to 3.0.6 writes the empty config's type there (cosign.md 2.4). */
const mayBeBundle = ({ artifactType }: Descriptor): boolean =>
  artifactType === undefined ||
  artifactType === MEDIA_TYPE.ociEmpty ||
  artifactType.startsWith("application/vnd.dev.sigstore.bundle");

const isLikely = ({ kinds, predicateType }: PaperSearch, hint: string | undefined): boolean => {
  if (hint === undefined) return true;
  if (hint === SIGNATURE_TYPE) return kinds.includes("signature");
  return kinds.includes("attestation") && (predicateType === undefined || predicateType === hint);
};

/** The bundles that these referrers carry. */
export const locateBundles = async (
  ctx: Ctx,
  search: PaperSearch,
  referrers: readonly Descriptor[],
  width: number,
): Promise<LocatedPapers> => joinLocated(await mapLimited(referrers, width, (one) => locateBundle(ctx, search, one)));

const locateBundle = async (
  ctx: Ctx,
  search: PaperSearch,
  { digest, annotations }: Descriptor,
): Promise<LocatedPapers> => {
  const found: Found = { form: "bundle", manifest: digest };
  const listed = annotations?.[BUNDLE_HINT];
  try {
    const raw = await search.repository.readManifest(ctx, digest);
    if (raw === undefined) return brokenPaper(found, listed, "its manifest is listed and is not there");
    const manifest = parseManifest(raw);
    const layer = bundleLayerOf(manifest);
    if (layer === undefined) return NOWHERE;
    const hint = manifest.annotations[BUNDLE_HINT] ?? listed;
    const locator: PaperLocator = {
      found,
      size: layer.size,
      hint,
      likely: isLikely(search, hint),
      bytes: () => search.repository.readBlob(ctx, layer),
      parse: (bytes) => readBundle(bytes, found),
    };
    return { ...NOWHERE, locators: [locator] };
  } catch (error) {
    return asBroken(found, listed, error);
  }
};

/** A paper's own fault makes it one failed candidate; everything else means that nobody knows what it says. */
export const asBroken = (found: Found, hint: string | undefined, error: unknown): LocatedPapers => {
  const known = asFailure(error);
  const own = known.exitCode === 3 || known.exitCode === 7 || hasCode(known, "NOT_FOUND");
  return own ? brokenPaper(found, hint, known.message) : { ...NOWHERE, failures: [known] };
};

export const brokenPaper = (found: Found, hint: string | undefined, reason: string): LocatedPapers => ({
  ...NOWHERE,
  broken: [{ candidate: { kind: "unreadable", found, reason }, hint }],
});

const asFailure = (error: unknown): WaybillError => {
  const known = asWaybillError(error);
  // An interruption or a fault of the program must not be weighed against papers.
  if (hasCode(known, "ABORTED", "INTERNAL")) throw known;
  return known;
};

const tooMany = (subject: Digest, count: number, max: number): WaybillError =>
  new WaybillError("LIMIT_EXCEEDED", `${count} bundles refer to ${subject}; ${max} are looked at`);
