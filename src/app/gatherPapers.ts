import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { mapLimited } from "#core/limit.ts";
import { readAll } from "#core/verifiedBytes.ts";
import { asBroken, brokenPaper, joinLocated, listBundles, locateBundles, locateLegacy } from "#app/locatePapers.ts";
import type { GatheredPaper, LocatedPapers, PaperLocator, PaperSearch } from "#app/locatePapers.ts";
import { paperRepository } from "#app/paperRepository.ts";
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
  /** Papers that say they are what is wanted, or say nothing, may still come. */
  readonly moreLikely: boolean;
}

/** What was read, wherever in the order it stands. */
type ReadBatch = Omit<PaperBatch, "moreLikely">;

/**
 * All papers of a digest, in a deterministic order, in batches, so that the caller can stop as soon as it is satisfied:
 * first those that say they are what is wanted or say nothing, then the others, since what they say is no evidence.
 * Damaged or missing pieces of a paper make that one paper unreadable; a registry that does not answer is a failure.
 */
export async function* gatherPapers(ctx: Ctx, input: GatherInput): AsyncGenerator<PaperBatch> {
  const limits = input.limits ?? PAPER_LIMITS;
  const budget: Budget = { left: limits.maxTotalBytes };
  const forms = formsOf(input.storage);
  const search: PaperSearch = { ...input, repository: paperRepository(input.repository) };
  const listing = forms.includes("bundle") ? listBundles(ctx, search, limits.maxPapers) : NO_BUNDLES;
  const [bundles, ...legacy] = await Promise.all([
    listing,
    ...(forms.includes("legacy") ? input.kinds.map((kind) => locateLegacy(ctx, search, kind)) : []),
  ]);
  const near = joinLocated([...legacy, await locateBundles(ctx, search, bundles.likely, PARALLEL_READS)]);
  const failures = [...bundles.failures, ...near.failures];
  if (near.broken.length + failures.length > 0) yield { papers: near.broken, failures, moreLikely: true };
  for await (const { batch, isLast } of readPapers(
    near.locators.filter(({ likely }) => likely),
    limits,
    budget,
  ))
    yield { ...batch, moreLikely: !isLast };
  const far = await locateBundles(ctx, search, bundles.unlikely, PARALLEL_READS);
  if (far.broken.length + far.failures.length > 0)
    yield { papers: far.broken, failures: far.failures, moreLikely: false };
  const others = [...near.locators.filter(({ likely }) => !likely), ...far.locators];
  for await (const { batch } of readPapers(others, limits, budget)) yield { ...batch, moreLikely: false };
}

const NO_BUNDLES = { likely: [], unlikely: [], failures: [] };

// Everything up to this size is read before anything larger: all the papers that are looked at, of this size, are well
// within the budget, so that junk cannot push a signature out of it, and a larger paper only with as many true bytes.
const SMALL_BYTES = 256 * 1024;

async function* readPapers(
  locators: readonly PaperLocator[],
  limits: PaperLimits,
  budget: Budget,
): AsyncGenerator<{ readonly batch: ReadBatch; readonly isLast: boolean }> {
  // What a carrier says of a size costs its author nothing, so it must cost the other papers nothing either (attack 27).
  const oversized = locators.filter(({ size }) => size > limits.maxPaperBytes);
  const fitting = locators.filter(({ size }) => size <= limits.maxPaperBytes);
  if (oversized.length > 0) {
    const batch = joinBatches(oversized.map((one) => refuseOversized(one, limits)));
    yield { batch, isLast: fitting.length === 0 };
  }
  let left = fitting.length;
  for (const batch of batches(fitting.toSorted((a, b) => weightOf(a) - weightOf(b)))) {
    left -= batch.length;
    // Decided before anything is read: which papers are read must not depend on which answer comes first.
    const admitted = batch.map((one) => ({ one, fits: reserve(budget, one.size) }));
    const read = await mapLimited(admitted, PARALLEL_READS, async ({ one, fits }) =>
      fits ? readPaper(one, budget) : overBudget(one, limits),
    );
    yield { batch: joinBatches(read), isLast: left === 0 };
  }
}

/** Bytes that may still be read of one image's papers. */
interface Budget {
  left: number;
}

const weightOf = ({ size }: PaperLocator): number => Math.max(size, SMALL_BYTES);

const reserve = (budget: Budget, size: number): boolean => {
  if (size > budget.left) return false;
  budget.left -= size;
  return true;
};

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

/** The paper, readable or broken, in `papers`. What was reserved for it and never came goes back to the others. */
const readPaper = async ({ found, size, hint, bytes, parse }: PaperLocator, budget: Budget): Promise<ReadBatch> => {
  let unread = size;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes()) {
      unread -= chunk.byteLength;
      yield chunk;
    }
  };
  try {
    const whole = await readAll(counted(), size, `the paper in ${found.manifest}`);
    return { papers: [{ candidate: parse(whole), hint }], failures: [] };
  } catch (error) {
    return asBatch(asBroken(found, hint, error));
  } finally {
    budget.left += unread;
  }
};

const refuseOversized = ({ found, size, hint }: PaperLocator, { maxPaperBytes }: PaperLimits): ReadBatch =>
  asBatch(brokenPaper(found, hint, `it has ${size} bytes, the limit is ${maxPaperBytes}`));

/** Nobody knows what this paper says, so the answer can no longer be "no"; the others are read all the same. */
const overBudget = ({ found }: PaperLocator, { maxTotalBytes }: PaperLimits): ReadBatch => ({
  papers: [],
  failures: [
    new WaybillError(
      "LIMIT_EXCEEDED",
      `the papers of the image are larger than ${maxTotalBytes} bytes together; the one in ${found.manifest} was not read`,
    ),
  ],
});

const asBatch = ({ broken, failures }: LocatedPapers): ReadBatch => ({ papers: broken, failures });

const joinBatches = (parts: readonly ReadBatch[]): ReadBatch => ({
  papers: parts.flatMap(({ papers }) => papers),
  failures: parts.flatMap(({ failures }) => failures),
});
