import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { carryOut } from "#app/paperPlan.ts";
import type { CarriedOut, CarryOutDeps, CarryOutInput, PaperPlan } from "#app/paperPlan.ts";
import type { Paper } from "#app/paper.ts";
import { isAttestationChild, readChild } from "#app/resolveImage.ts";
import type { ResolvedImage } from "#app/resolveImage.ts";

export interface SignInput extends Omit<CarryOutInput, "plan" | "confirm"> {
  /** A signature with its annotations, or an attestation: the same is said about every image. */
  readonly paper: Paper;
  /** One signature for each, which names it in place of the repository; none: one that names the repository. */
  readonly identities?: readonly string[];
  /** An index's children too, nested ones included. */
  readonly recursive: boolean;
  /** Runs for each image before anything is written about it. */
  readonly beforehand?: (ctx: Ctx, image: ResolvedImage) => Promise<void>;
}

/** `sign` and `attest`: the same for each reference. */
export const signImages =
  (deps: CarryOutDeps) =>
  (ctx: Ctx, input: SignInput): Promise<readonly CarriedOut[]> =>
    carryOut(deps)(ctx, {
      ...input,
      plan: async (planCtx, image) => {
        const images = input.recursive ? await withChildren(planCtx, image, 0) : [image];
        for (const one of images) await input.beforehand?.(planCtx, one);
        return images.map((one): PaperPlan => ({ image: one, papers: papersOf(input) }));
      },
    });

const papersOf = ({ paper, identities = [] }: SignInput): readonly Paper[] =>
  paper.kind === "attestation" || identities.length === 0
    ? [paper]
    : identities.map((dockerReference) => ({ ...paper, dockerReference }));

// An index within an index within an index is already more than any builder makes.
const MAX_NESTING = 4;

/** Children before their index. BuildKit's attestation children are no images and stay as they are. */
export const withChildren = async (
  ctx: Ctx,
  image: ResolvedImage,
  depth: number,
): Promise<readonly ResolvedImage[]> => {
  if (image.manifest.kind === "image") return [image];
  if (depth === MAX_NESTING)
    throw new WaybillError("LIMIT_EXCEEDED", `indexes are nested more than ${MAX_NESTING} deep at ${image.digest}`);
  const all: ResolvedImage[] = [];
  for (const child of image.manifest.manifests) {
    if (isAttestationChild(child)) continue;
    all.push(...(await withChildren(ctx, await readChild(ctx, image, child), depth + 1)));
  }
  return [...all, image];
};
