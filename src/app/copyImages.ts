import type { Access, Repositories, Repository } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError, asWaybillError, hasCode } from "#core/errors.ts";
import { mapLimited } from "#core/limit.ts";
import type { RawManifest } from "#core/manifest.ts";
import { settleTags } from "#core/mergeTag.ts";
import type { UnsettledTag } from "#core/mergeTag.ts";
import { atDigest, formatReference, parseReference } from "#core/reference.ts";
import type { Reference } from "#core/reference.ts";
import { copyContent, listContained } from "#app/copyContent.ts";
import { copyPapers } from "#app/copyPapers.ts";
import type { CopiedPapers, PaperChoice } from "#app/copyPapers.ts";
import type { CopiedKind } from "#app/copiedPaper.ts";
import { createBlobsUnderWay, openRoute } from "#app/copyRoute.ts";
import type { BlobsUnderWay, CopyRoute, CopyTally } from "#app/copyRoute.ts";
import { paperRepository } from "#app/paperRepository.ts";
import { resolveImage } from "#app/resolveImage.ts";
import type { ResolvedImage } from "#app/resolveImage.ts";

/** One image and where it goes, as the user wrote them. */
export interface CopyLine {
  readonly from: string;
  readonly to: string;
}

export interface CopyImagesInput {
  readonly lines: readonly CopyLine[];
  /** Only papers, and of these kinds: the image itself is left. Undefined: the image with all of them. */
  readonly only: ReadonlySet<CopiedKind> | "papers" | undefined;
  /** Of an index, only this image. */
  readonly platform: string | undefined;
  /** Move a tag that names another image, send again what the target lists, replace another SBOM under `.sbom`. */
  readonly force: boolean;
  readonly dryRun: boolean;
  readonly maxWorkers: number;
  /** Wait before the last look at merged tags, milliseconds. */
  readonly settleMs: number;
}

export interface CopiedImage extends CopiedPapers {
  /** `name@digest` at the target. */
  readonly image: string;
  readonly digest: Digest;
  /** The tag that names it at the target now; undefined where none does, or where a paper failed. */
  readonly tag: string | undefined;
  /** The index that the image was picked from by its platform: another digest, whose own papers stay behind. */
  readonly pickedFrom: Digest | undefined;
  readonly tally: CopyTally;
}

export type CopyOutcome =
  | { readonly kind: "done"; readonly line: CopyLine; readonly copied: CopiedImage }
  | { readonly kind: "failed"; readonly line: CopyLine; readonly error: WaybillError };

/**
 * Copies images with all their papers between any two stores of content. Each line stands for itself; only an interruption
 * is thrown. The order is content, manifest, papers, tag: whoever pulls by the tag finds everything.
 */
export const copyImages =
  (deps: { readonly repositories: Repositories }) =>
  async (ctx: Ctx, input: CopyImagesInput): Promise<readonly CopyOutcome[]> => {
    const underWay = createBlobsUnderWay();
    const outcomes = await mapLimited(input.lines, input.maxWorkers, (line) =>
      guarded(line, () => copyLine(deps, ctx, input, line, underWay)),
    );
    const settling = outcomes.flatMap((one) => (one.kind === "done" ? one.copied.settling : []));
    const unsettled = await settleTags(ctx, settling, input.settleMs);
    return outcomes.map((one) =>
      one.kind === "done" ? { ...one, copied: markUnsettled(one.copied, unsettled) } : one,
    );
  };

const guarded = async (line: CopyLine, run: () => Promise<CopiedImage>): Promise<CopyOutcome> => {
  try {
    return { kind: "done", line, copied: await run() };
  } catch (thrown) {
    const error = asWaybillError(thrown);
    if (hasCode(error, "ABORTED", "INTERNAL")) throw error;
    return { kind: "failed", line, error };
  }
};

const copyLine = async (
  deps: { readonly repositories: Repositories },
  ctx: Ctx,
  input: CopyImagesInput,
  line: CopyLine,
  underWay: BlobsUnderWay,
): Promise<CopiedImage> => {
  const [source, target] = [parseReference(line.from), parseReference(line.to)];
  const whole = await resolveImage(deps)(ctx, { reference: source, access: "read" });
  const picked = input.platform === undefined ? whole : await pick(deps, ctx, whole, input.platform);
  const to = await deps.repositories.open(ctx, target, accessTo(target, input.dryRun));
  const tag = input.only === undefined ? targetTag(source, target, picked.digest) : undefined;
  const { raw } = picked;
  if (tag !== undefined && !input.force) await refuseOther(ctx, to, tag, raw.digest);
  const route = openRoute(whole.repository, to, { dryRun: input.dryRun, underWay });
  const subject = `${line.from} to ${line.to}`;
  ctx.emit({ kind: "step.started", step: "copy", subject });
  // What a layout keeps goes where the target's papers are looked for, as cosign load has it; between registries the variable
  // says where the source's are, as with cosign copy, and the target gets them beside the image.
  const papersTo = source.kind === "layout" ? paperRepository(to) : to;
  const { papers, tagged } = await bring(ctx, route, { ...input, papersTo }, raw, tag);
  ctx.emit({ kind: "step.finished", step: "copy", subject, note: subject });
  return {
    ...papers,
    image: formatReference(atDigest(target, picked.digest)),
    digest: picked.digest,
    tag: tagged ? tag : undefined,
    pickedFrom: picked.digest === whole.digest ? undefined : whole.digest,
    tally: route.tally,
  };
};

const bring = async (
  ctx: Ctx,
  route: CopyRoute,
  { only, force, papersTo }: CopyImagesInput & { readonly papersTo: Repository },
  raw: RawManifest,
  tag: string | undefined,
): Promise<{ readonly papers: CopiedPapers; readonly tagged: boolean }> => {
  const subjects = only === undefined ? await bringImage(ctx, route, raw) : await listContained(ctx, route.from, raw);
  const kinds = only === "papers" ? undefined : only;
  const papers = await bringPapers(ctx, route, subjects, { kinds, force, papersTo });
  const tagged = tag !== undefined && papers.failed.length === 0;
  if (tagged && !route.dryRun) await route.to.writeManifest(ctx, raw, tag);
  return { papers, tagged };
};

/** What cosign's readers would find in another repository, and what lies beside the image: all to one place. */
const bringPapers = async (
  ctx: Ctx,
  route: CopyRoute,
  subjects: readonly Digest[],
  { papersTo, ...choice }: PaperChoice & { readonly papersTo: Repository },
): Promise<CopiedPapers> => {
  const beside = await copyPapers(ctx, { ...route, to: papersTo }, subjects, choice);
  const from = paperRepository(route.from);
  if (from === route.from) return beside;
  const elsewhere = await copyPapers(ctx, { ...route, from, to: papersTo }, subjects, choice);
  return {
    papers: [...beside.papers, ...elsewhere.papers],
    failed: [...beside.failed, ...elsewhere.failed],
    settling: [...beside.settling, ...elsewhere.settling],
  };
};

const bringImage = async (ctx: Ctx, route: CopyRoute, raw: RawManifest): Promise<readonly Digest[]> => {
  const { subjects } = await copyContent(ctx, route, raw);
  if (!route.dryRun) await route.to.writeManifest(ctx, raw, undefined);
  return subjects;
};

/** A dry run asks a registry for no leave to push; a layout that is not there reads as empty only where it may be made. */
const accessTo = (target: Reference, dryRun: boolean): Access =>
  dryRun && target.kind === "registry" ? "read" : "create";

const pick = async (
  deps: { readonly repositories: Repositories },
  ctx: Ctx,
  { reference, digest }: ResolvedImage,
  platform: string,
): Promise<ResolvedImage> =>
  // By digest: the tag may have moved since it was resolved.
  resolveImage(deps)(ctx, { reference: atDigest(reference, digest), access: "read", platform });

/**
 * The name at the target. Without one a registry's is `latest`, as everywhere; in a layout the image keeps the tag that it
 * was named by. A target that names a digest must name this one, and gets no tag.
 */
const targetTag = (source: Reference, target: Reference, digest: Digest): string | undefined => {
  if (target.digest !== undefined) {
    if (target.digest === digest) return target.tag;
    throw new WaybillError("USAGE_INVALID", `the target names ${target.digest}, the image has ${digest}`, {
      hint: "A copy keeps its digest; name the target by a tag.",
    });
  }
  if (target.tag !== undefined) return target.tag;
  return target.kind === "registry" ? "latest" : source.digest === undefined ? source.tag : undefined;
};

/** As cosign: what a tag names is not exchanged unasked. */
const refuseOther = async (ctx: Ctx, to: Repository, tag: string, digest: Digest): Promise<void> => {
  const there = await to.readManifest(ctx, tag);
  if (there === undefined || there.digest === digest) return;
  throw new WaybillError("TAG_IMMUTABLE", `the tag ${tag} of ${to.name} names another image, ${there.digest}`, {
    hint: "Give another tag, or --force to move this one.",
  });
};

/** A merged tag of which nobody knows whether it still holds what was written is a failure of the image. */
const markUnsettled = (copied: CopiedImage, unsettled: readonly UnsettledTag[]): CopiedImage => {
  const lost = unsettled.flatMap(({ tag, error, repository }) =>
    copied.settling.some((one) => one.tag === tag && one.repository === repository)
      ? [{ subject: copied.digest, paper: tag, error }]
      : [],
  );
  return lost.length === 0 ? copied : { ...copied, failed: [...copied.failed, ...lost] };
};
