import type { Repositories, Repository, TagMerge } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError, asWaybillError, hasCode } from "#core/errors.ts";
import { settleTags } from "#core/mergeTag.ts";
import { parseReference } from "#core/reference.ts";
import { paperRepository } from "#app/paperRepository.ts";
import { planCleaning } from "#app/planCleaning.ts";
import type { CleanedKind, Kept, Removable } from "#app/planCleaning.ts";
import { removeTag } from "#app/removeTag.ts";
import { demandSha256, resolveImage } from "#app/resolveImage.ts";

export interface CleanInput {
  readonly reference: string;
  readonly platform?: string | undefined;
  readonly kinds: readonly CleanedKind[];
  /** False: only say what would be removed. */
  readonly force: boolean;
  /** Wait before the last look at lists that were written, milliseconds. */
  readonly settleMs: number;
}

/** One thing that was removed, would be, or could not be. */
export interface Cleaned {
  readonly kind: CleanedKind;
  /** `NAME:TAG` or `NAME@DIGEST`. */
  readonly name: string;
  readonly digest: Digest;
  readonly papers: number;
  readonly error: WaybillError | undefined;
}

export interface CleanedImage {
  /** `NAME@DIGEST` */
  readonly image: string;
  readonly removed: boolean;
  readonly items: readonly Cleaned[];
  readonly kept: readonly Kept[];
}

/**
 * Removes papers of an image: what hangs under cosign's tags, and Sigstore bundles. Never the image, the papers of another
 * image, or referrers of other types. Each removal stands for itself; what could not be removed carries its error.
 */
export const cleanImage =
  (deps: { readonly repositories: Repositories }) =>
  async (ctx: Ctx, input: CleanInput): Promise<CleanedImage> => {
    const reference = parseReference(input.reference);
    const access = input.force ? "write" : "read";
    const image = await resolveImage(deps)(ctx, { reference, access, platform: input.platform });
    demandSha256(image.digest);
    const repository = paperRepository(image.repository);
    const { removable, kept } = await planCleaning(ctx, repository, image.digest, input.kinds);
    const errors = input.force
      ? await removeAll(ctx, repository, image.digest, removable, input.settleMs)
      : new Map<Removable, WaybillError>();
    return {
      image: `${image.repository.name}@${image.digest}`,
      removed: input.force,
      items: removable.map((one) => ({
        kind: one.kind,
        name: one.tag === undefined ? `${repository.name}@${one.digest}` : `${repository.name}:${one.tag}`,
        digest: one.digest,
        papers: one.papers,
        error: errors.get(one),
      })),
      kept,
    };
  };

type Errors = ReadonlyMap<Removable, WaybillError>;

const removeAll = async (
  ctx: Ctx,
  repository: Repository,
  subject: Digest,
  removable: readonly Removable[],
  settleMs: number,
): Promise<Errors> => {
  const errors = new Map<Removable, WaybillError>();
  const merges: TagMerge[] = [];
  for (const one of removable) {
    const error = await attempt(async () => void merges.push(...(await removeOne(ctx, repository, subject, one))));
    if (error !== undefined) errors.set(one, error);
  }
  const [unsettled] = await settleTags(ctx, merges, settleMs);
  if (unsettled === undefined) return errors;
  // Deleted, and nobody knows whether it is still listed.
  for (const one of removable) if (one.tag === undefined && !errors.has(one)) errors.set(one, unsettled.error);
  return errors;
};

/** A referrer goes with its entry in the list that stands in for the referrers API. */
const removeOne = async (
  ctx: Ctx,
  repository: Repository,
  subject: Digest,
  { tag, raw, digest }: Removable,
): Promise<readonly TagMerge[]> => {
  if (tag !== undefined && raw !== undefined) await removeTag(ctx, repository, tag, raw);
  else if (repository.removeReferrers !== undefined) return repository.removeReferrers(ctx, subject, [digest]);
  else await repository.deleteManifest(ctx, digest);
  return [];
};

const attempt = async (remove: () => Promise<unknown>): Promise<WaybillError | undefined> => {
  try {
    await remove();
    return undefined;
  } catch (thrown) {
    const error = asWaybillError(thrown);
    if (hasCode(error, "ABORTED", "INTERNAL")) throw error;
    return explain(error);
  }
};

/** 405 is how registries say that they delete nothing (distribution-spec 1.1, "Content Management"). */
const explain = (error: WaybillError): WaybillError =>
  error.details["status"] === 405
    ? new WaybillError("REGISTRY_REFUSED", `the registry does not delete: ${error.message}`, {
        cause: error,
        hint: "Deletion is switched off there; distribution takes it with storage.delete.enabled, others by retention rules.",
      })
    : error;
