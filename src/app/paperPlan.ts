import type { Repositories } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError, asWaybillError, hasCode } from "#core/errors.ts";
import { mapLimited } from "#core/limit.ts";
import { settleTags } from "#core/mergeTag.ts";
import { formatReference, atDigest, parseReference, signedName } from "#core/reference.ts";
import type { Signer } from "#core/signer.ts";
import { markUnsettled } from "#app/markUnsettled.ts";
import type { Paper } from "#app/paper.ts";
import { paperRepository } from "#app/paperRepository.ts";
import { demandSha256, resolveImage } from "#app/resolveImage.ts";
import type { ResolvedImage } from "#app/resolveImage.ts";
import type { Storage } from "#app/storage.ts";
import { createTurns } from "#app/turns.ts";
import type { InTurn } from "#app/turns.ts";
import { writePapers } from "#app/writePapers.ts";
import type { PaperRecord, WriteReport } from "#app/writePapers.ts";

/** What is to be said about one digest. */
export interface PaperPlan {
  readonly image: ResolvedImage;
  readonly papers: readonly Paper[];
}

export interface CarryOutInput {
  /** As the user wrote them. */
  readonly references: readonly string[];
  readonly storage: Storage;
  readonly dryRun: boolean;
  /** SBOMs also as referrers of their own, unsigned. */
  readonly sbomReferrer?: boolean;
  readonly platform?: string | undefined;
  readonly maxWorkers: number;
  /** Wait before the last look at written tags, milliseconds. */
  readonly settleMs: number;
  /** Plans in the order of writing; an index comes after its children, since its signature implies theirs. */
  readonly plan: (ctx: Ctx, image: ResolvedImage) => Promise<readonly PaperPlan[]>;
  /** Runs after everything of an image was written and has settled. */
  readonly confirm?: (ctx: Ctx, plan: PaperPlan) => Promise<void>;
}

/** What became of one digest. */
export interface CarriedImage {
  /** `name@digest`. */
  readonly image: string;
  readonly digest: Digest;
  readonly report: WriteReport;
  /** Older papers whose place the new one took; undefined where none were to be replaced. */
  readonly superseded?: { readonly removed: readonly PaperRecord[]; readonly error?: WaybillError };
}

export type CarriedOut =
  | { readonly kind: "done"; readonly reference: string; readonly images: readonly CarriedImage[] }
  | { readonly kind: "failed"; readonly reference: string; readonly error: WaybillError };

export interface CarryOutDeps {
  readonly repositories: Repositories;
  /** Not needed before the first paper is written. */
  readonly signer: Signer | Promise<Signer>;
}

/** Plans and writes papers for each reference; all tags of the batch settle once, together. */
export const carryOut =
  (deps: CarryOutDeps) =>
  async (ctx: Ctx, input: CarryOutInput): Promise<readonly CarriedOut[]> => {
    const inTurn = createTurns();
    const started = await mapLimited(input.references, input.maxWorkers, (reference) =>
      guarded(reference, () => write(deps, ctx, input, reference, inTurn)),
    );
    const merges = started.flatMap((one) =>
      one.kind === "done" ? one.value.flatMap(({ report }) => report.merges) : [],
    );
    const unsettled = await settleTags(ctx, merges, input.settleMs);
    return mapLimited(started, input.maxWorkers, async (one) => {
      if (one.kind === "failed") return one;
      const settled = one.value.map(({ plan, report }) => ({ plan, report: markUnsettled(report, unsettled) }));
      return confirmAll(ctx, input, one.reference, settled);
    });
  };

interface Written {
  readonly plan: PaperPlan;
  readonly report: WriteReport;
}

type Guarded<T> =
  | { readonly kind: "done"; readonly reference: string; readonly value: T }
  | { readonly kind: "failed"; readonly reference: string; readonly error: WaybillError };

const guarded = async <T>(reference: string, run: () => Promise<T>): Promise<Guarded<T>> => {
  try {
    return { kind: "done", reference, value: await run() };
  } catch (error) {
    const known = asWaybillError(error);
    if (hasCode(known, "ABORTED")) throw known;
    return { kind: "failed", reference, error: known };
  }
};

const write = async (
  deps: CarryOutDeps,
  ctx: Ctx,
  input: CarryOutInput,
  text: string,
  inTurn: InTurn,
): Promise<readonly Written[]> => {
  const reference = parseReference(text);
  const image = await resolveImage(deps)(ctx, {
    reference,
    access: input.dryRun ? "read" : "write",
    platform: input.platform,
  });
  const plans = await input.plan(ctx, image);
  const signer = await deps.signer;
  const written: Written[] = [];
  for (const plan of plans) {
    const { repository, descriptor } = plan.image;
    demandSha256(descriptor.digest);
    const task = {
      repository,
      subject: descriptor,
      dockerReference: signedName(reference),
      papers: plan.papers,
      storage: input.storage,
      dryRun: input.dryRun,
      sbomReferrer: input.sbomReferrer,
    };
    const report = await inTurn(`${paperRepository(repository).name}@${descriptor.digest}`, () =>
      writePapers({ signer })(ctx, task),
    );
    written.push({ plan, report });
    if (report.failed.length > 0) break;
  }
  return written;
};

const confirmAll = async (
  ctx: Ctx,
  input: CarryOutInput,
  reference: string,
  written: readonly Written[],
): Promise<CarriedOut> => {
  const confirm = input.dryRun ? undefined : input.confirm;
  const outcome = await guarded(reference, async () => {
    for (const { plan, report } of written) {
      if (report.failed.length === 0) await confirm?.(ctx, plan);
    }
    return written.map(({ plan, report }): CarriedImage => {
      const image = formatReference(atDigest(plan.image.reference, plan.image.digest));
      return { image, digest: plan.image.digest, report };
    });
  });
  return outcome.kind === "failed" ? outcome : { kind: "done", reference, images: outcome.value };
};

/** The failure of a reference, if any: its own, or what a form of storage refused. */
export const failureOf = (one: CarriedOut): WaybillError | undefined => {
  if (one.kind === "failed") return one.error;
  const failed = one.images.flatMap(({ report }) => report.failed);
  const [first] = failed;
  if (first === undefined)
    return one.images.find(({ superseded }) => superseded?.error !== undefined)?.superseded?.error;
  const written = one.images.flatMap(({ report }) => [...report.written, ...report.skipped]);
  if (written.length === 0) return first.error;
  const forms = [...new Set(failed.map(({ form }) => form))].join(" and ");
  return new WaybillError(
    "WRITE_PARTIAL",
    `${one.reference}: the ${forms} form could not be written: ${first.error.message}`,
    {
      cause: first.error,
      hint: first.error.hint,
    },
  );
};
