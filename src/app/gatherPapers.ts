import { readBundle } from "#claims/bundle.ts";
import { bundleLayerOf } from "#claims/bundleManifest.ts";
import type { Candidate, Found } from "#claims/claim.ts";
import { claimFromLegacyLayer, legacyTag, readLegacyImage } from "#claims/legacyImage.ts";
import type { Repository } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Descriptor } from "#core/descriptor.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError, asWaybillError, hasCode } from "#core/errors.ts";
import { mapLimited } from "#core/limit.ts";
import { parseManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { readAll } from "#core/verifiedBytes.ts";
import { formsOf } from "#app/storage.ts";
import type { Storage } from "#app/storage.ts";

/** Caps on what strangers may hang on an image (attacks 26, 27); beyond them the answer is "undecided", never "no". */
export interface PaperLimits {
  /** Papers looked at per image and form; cosign's own limit for layers of a signature tag. */
  readonly maxPapers: number;
  /** Bytes of one paper; cosign's COSIGN_MAX_ATTACHMENT_SIZE default. */
  readonly maxPaperBytes: number;
  /** Bytes of all papers of one image. */
  readonly maxTotalBytes: number;
}

const PAPER_LIMITS: PaperLimits = {
  maxPapers: 1000,
  maxPaperBytes: 128 * 1024 * 1024,
  maxTotalBytes: 1024 * 1024 * 1024,
};

// One batch is read and judged before the next: enough for every honest image at once, and it bounds memory.
const BATCH_PAPERS = 50;
const BATCH_BYTES = 64 * 1024 * 1024;
const PARALLEL_READS = 8;

export interface GatherInput {
  readonly repository: Repository;
  readonly subject: Digest;
  readonly kinds: readonly ("signature" | "attestation")[];
  readonly storage: Storage;
  readonly limits?: PaperLimits;
}

/** A paper as found, before anything of it was verified. */
export interface GatheredPaper {
  readonly candidate: Candidate;
  /** Predicate type that the carrier's annotations claim; unsigned, good for display of the unverified only. */
  readonly hint: string | undefined;
}

/** One batch of papers, and what could not be read for reasons that are no fault of the paper. */
export interface PaperBatch {
  readonly papers: readonly GatheredPaper[];
  readonly failures: readonly WaybillError[];
}

interface Locator {
  readonly found: Found;
  readonly size: number;
  readonly hint: string | undefined;
  readonly read: () => Promise<Candidate>;
}

interface Located {
  readonly locators: readonly Locator[];
  readonly broken: readonly GatheredPaper[];
  readonly failures: readonly WaybillError[];
}

/**
 * All papers of a digest, in a deterministic order, in batches, so that the caller can stop as soon as it is satisfied.
 * Damaged or missing pieces of a paper make that one paper unreadable; a registry that does not answer is a failure.
 */
export async function* gatherPapers(ctx: Ctx, input: GatherInput): AsyncGenerator<PaperBatch> {
  const limits = input.limits ?? PAPER_LIMITS;
  const forms = formsOf(input.storage);
  const located = merge(
    await Promise.all([
      forms.includes("bundle") ? locateBundles(ctx, input, limits) : EMPTY,
      ...(forms.includes("legacy") ? input.kinds.map((kind) => locateLegacy(ctx, input, kind)) : []),
    ]),
  );
  if (located.broken.length + located.failures.length > 0) yield { papers: located.broken, failures: located.failures };
  let total = 0;
  for (const batch of batches(located.locators)) {
    total += batch.reduce((sum, one) => sum + one.size, 0);
    if (total > limits.maxTotalBytes) {
      yield {
        papers: [],
        failures: [tooMuch(`the papers of ${input.subject} are larger than ${limits.maxTotalBytes} bytes together`)],
      };
      return;
    }
    yield await readBatch(batch, limits);
  }
}

const EMPTY: Located = { locators: [], broken: [], failures: [] };

const merge = (parts: readonly Located[]): Located => ({
  locators: parts.flatMap((part) => part.locators),
  broken: parts.flatMap((part) => part.broken),
  failures: parts.flatMap((part) => part.failures),
});

const locateLegacy = async (ctx: Ctx, input: GatherInput, kind: "signature" | "attestation"): Promise<Located> => {
  const suffix = kind === "signature" ? "sig" : "att";
  const tag = legacyTag(input.subject, suffix);
  try {
    const raw = await input.repository.readManifest(ctx, tag);
    if (raw === undefined) return EMPTY;
    try {
      const locators = readLegacyImage(raw, suffix).layers.map((layer): Locator => {
        const found: Found = { form: "legacy", manifest: raw.digest, tag, layer: layer.position };
        const annotations = layer.annotations ?? {};
        return {
          found,
          size: layer.size,
          hint: kind === "signature" ? undefined : annotations["predicateType"],
          read: async () =>
            claimFromLegacyLayer(
              found,
              layer,
              await readAll(input.repository.readBlob(ctx, layer), layer.size, `layer ${layer.position} of ${tag}`),
              suffix,
            ),
        };
      });
      return { locators, broken: [], failures: [] };
    } catch (error) {
      return sort({ form: "legacy", manifest: raw.digest, tag }, undefined, error);
    }
  } catch (error) {
    return { ...EMPTY, failures: [asFailure(error)] };
  }
};

const locateBundles = async (ctx: Ctx, input: GatherInput, limits: PaperLimits): Promise<Located> => {
  try {
    const listed = (await input.repository.listReferrers(ctx, input.subject)).filter(mayBeBundle);
    const wanted = listed.toSorted((a, b) => rank(input, a) - rank(input, b) || (a.digest < b.digest ? -1 : 1));
    const parts = await mapLimited(wanted.slice(0, limits.maxPapers), PARALLEL_READS, (one) =>
      locateBundle(ctx, input, one),
    );
    const over =
      wanted.length > limits.maxPapers
        ? [tooMuch(`${wanted.length} bundles refer to ${input.subject}; ${limits.maxPapers} are looked at`)]
        : [];
    return merge([...parts, { ...EMPTY, failures: over }]);
  } catch (error) {
    return { ...EMPTY, failures: [asFailure(error)] };
  }
};

/** The type on a descriptor is a hint: cosign up to 3.0.6 writes the empty config's type there (cosign.md 2.4). */
const mayBeBundle = ({ artifactType }: Descriptor): boolean =>
  artifactType === undefined ||
  artifactType === MEDIA_TYPE.ociEmpty ||
  artifactType.startsWith("application/vnd.dev.sigstore.bundle");

const SIGN_TYPE = "https://sigstore.dev/cosign/sign/v1";

/** What claims to be wanted comes first; a lie costs its author only the place. */
const rank = (input: GatherInput, { annotations }: Descriptor): number => {
  const hint = annotations?.["dev.sigstore.bundle.predicateType"];
  if (hint === undefined) return 1;
  return input.kinds.includes(hint === SIGN_TYPE ? "signature" : "attestation") ? 0 : 2;
};

const locateBundle = async (ctx: Ctx, input: GatherInput, descriptor: Descriptor): Promise<Located> => {
  const found: Found = { form: "bundle", manifest: descriptor.digest };
  const hint = descriptor.annotations?.["dev.sigstore.bundle.predicateType"];
  try {
    const raw = await input.repository.readManifest(ctx, descriptor.digest);
    if (raw === undefined) return broken(found, hint, "its manifest is not in the registry");
    const manifest = parseManifest(raw);
    const layer = bundleLayerOf(manifest);
    if (layer === undefined) return EMPTY;
    const read = async (): Promise<Candidate> =>
      readBundle(await readAll(input.repository.readBlob(ctx, layer), layer.size, `bundle ${layer.digest}`), found);
    const ownHint = manifest.annotations["dev.sigstore.bundle.predicateType"];
    return { ...EMPTY, locators: [{ found, size: layer.size, hint: ownHint ?? hint, read }] };
  } catch (error) {
    return sort(found, hint, error);
  }
};

function* batches(locators: readonly Locator[]): Generator<readonly Locator[]> {
  let batch: Locator[] = [];
  let bytes = 0;
  for (const locator of locators) {
    if (batch.length === BATCH_PAPERS || (batch.length > 0 && bytes + locator.size > BATCH_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(locator);
    bytes += locator.size;
  }
  if (batch.length > 0) yield batch;
}

const readBatch = async (batch: readonly Locator[], limits: PaperLimits): Promise<PaperBatch> => {
  const parts = await mapLimited(batch, PARALLEL_READS, async ({ found, size, hint, read }): Promise<PaperBatch> => {
    if (size > limits.maxPaperBytes)
      return broken(found, hint, `it has ${size} bytes, the limit is ${limits.maxPaperBytes}`);
    try {
      return { papers: [{ candidate: await read(), hint }], failures: [] };
    } catch (error) {
      return sort(found, hint, error);
    }
  });
  return { papers: parts.flatMap((part) => part.papers), failures: parts.flatMap((part) => part.failures) };
};

/** A paper's own fault makes it one failed candidate; everything else means that nobody knows what it says. */
const sort = (found: Found, hint: string | undefined, error: unknown): Located & PaperBatch => {
  const known = asFailure(error);
  const own = known.exitCode === 3 || known.exitCode === 7 || hasCode(known, "NOT_FOUND");
  return own ? broken(found, hint, known.message) : { ...EMPTY, papers: [], failures: [known] };
};

const broken = (found: Found, hint: string | undefined, reason: string): Located & PaperBatch => {
  const papers: readonly GatheredPaper[] = [{ candidate: { kind: "unreadable", found, reason }, hint }];
  return { ...EMPTY, broken: papers, papers };
};

const asFailure = (error: unknown): WaybillError => {
  const known = asWaybillError(error);
  // An interruption or a fault of the program must not be weighed against papers.
  if (hasCode(known, "ABORTED", "INTERNAL")) throw known;
  return known;
};

const tooMuch = (message: string): WaybillError => new WaybillError("LIMIT_EXCEEDED", message);
