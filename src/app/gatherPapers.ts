import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { mapLimited } from "#core/limit.ts";
import { asBroken, brokenPaper, joinLocated, listBundles, locateBundles, locateLegacy } from "#app/locatePapers.ts";
import type { GatheredPaper, LocatedPapers, PaperLocator, PaperSearch } from "#app/locatePapers.ts";
import { formsOf } from "#app/storage.ts";
import type { Storage } from "#app/storage.ts";

/** Caps on what strangers may hang on an image (attacks 26, 27); beyond them the answer is "undecided", never "no". */
interface PaperLimits {
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

export interface GatherInput extends PaperSearch {
  readonly storage: Storage;
  readonly limits?: PaperLimits;
}

/** One batch of papers, and what could not be read for reasons that are no fault of the paper. */
export interface PaperBatch {
  readonly papers: readonly GatheredPaper[];
  readonly failures: readonly WaybillError[];
}

/**
 * All papers of a digest, in a deterministic order, in batches, so that the caller can stop as soon as it is satisfied:
 * first those that say they are what is wanted or say nothing, then the others, since what they say is no evidence.
 * Damaged or missing pieces of a paper make that one paper unreadable; a registry that does not answer is a failure.
 */
export async function* gatherPapers(ctx: Ctx, input: GatherInput): AsyncGenerator<PaperBatch> {
  const limits = input.limits ?? PAPER_LIMITS;
  const budget = { left: limits.maxTotalBytes };
  const forms = formsOf(input.storage);
  const listing = forms.includes("bundle") ? listBundles(ctx, input, limits.maxPapers) : NO_BUNDLES;
  const [bundles, ...legacy] = await Promise.all([
    listing,
    ...(forms.includes("legacy") ? input.kinds.map((kind) => locateLegacy(ctx, input, kind)) : []),
  ]);
  const near = joinLocated([...legacy, await locateBundles(ctx, input, bundles.likely, PARALLEL_READS)]);
  const failures = [...bundles.failures, ...near.failures];
  if (near.broken.length + failures.length > 0) yield { papers: near.broken, failures };
  yield* readPapers(
    near.locators.filter(({ likely }) => likely),
    limits,
    budget,
  );
  const far = await locateBundles(ctx, input, bundles.unlikely, PARALLEL_READS);
  if (far.broken.length + far.failures.length > 0) yield { papers: far.broken, failures: far.failures };
  yield* readPapers([...near.locators.filter(({ likely }) => !likely), ...far.locators], limits, budget);
}

const NO_BUNDLES = { likely: [], unlikely: [], failures: [] };

async function* readPapers(
  locators: readonly PaperLocator[],
  limits: PaperLimits,
  budget: { left: number },
): AsyncGenerator<PaperBatch> {
  for (const batch of batches(locators)) {
    budget.left -= batch.reduce((sum, one) => sum + one.size, 0);
    if (budget.left < 0) {
      const error = new WaybillError(
        "LIMIT_EXCEEDED",
        `the papers of the image are larger than ${limits.maxTotalBytes} bytes together`,
      );
      yield { papers: [], failures: [error] };
      return;
    }
    const parts = await mapLimited(batch, PARALLEL_READS, (one) => readPaper(one, limits));
    yield { papers: parts.flatMap(({ papers }) => papers), failures: parts.flatMap((part) => part.failures) };
  }
}

function* batches(locators: readonly PaperLocator[]): Generator<readonly PaperLocator[]> {
  let batch: PaperLocator[] = [];
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

/** The paper, readable or broken, in `papers`. */
const readPaper = async ({ found, size, hint, read }: PaperLocator, limits: PaperLimits): Promise<PaperBatch> => {
  if (size > limits.maxPaperBytes) {
    return asBatch(brokenPaper(found, hint, `it has ${size} bytes, the limit is ${limits.maxPaperBytes}`));
  }
  try {
    return { papers: [{ candidate: await read(), hint }], failures: [] };
  } catch (error) {
    return asBatch(asBroken(found, hint, error));
  }
};

const asBatch = ({ broken, failures }: LocatedPapers): PaperBatch => ({ papers: broken, failures });
