import type { Repositories } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import { digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { atDigest, formatReference } from "#core/reference.ts";
import type { Signer } from "#core/signer.ts";
import { findOwn } from "#app/findOwn.ts";
import type { AttestationPaper } from "#app/paper.ts";
import type { CarriedOut } from "#app/paperPlan.ts";
import { signImages } from "#app/signImages.ts";
import type { SignInput } from "#app/signImages.ts";
import { supersedePapers } from "#app/supersedePapers.ts";

/**
 * `attest --replace`: looks what is there, attests, and removes what it saw. What another run writes in between stays: two runs
 * at once would each take the other's attestation for an older one, and both would be gone.
 */
export const replacePapers =
  (deps: { readonly repositories: Repositories; readonly signer: Signer }) =>
  async (ctx: Ctx, input: Omit<SignInput, "beforehand"> & { readonly paper: AttestationPaper }) => {
    const seen = new Map<string, ReadonlySet<Digest>>();
    const written = await signImages(deps)(ctx, {
      ...input,
      beforehand: async (lookCtx, image) => {
        const own = await findOwn(lookCtx, image, deps.signer, input.paper.predicateType);
        seen.set(
          formatReference(atDigest(image.reference, image.digest)),
          new Set(own.map(({ payload }) => digestOf(payload))),
        );
      },
    });
    return supersedePapers(deps)(ctx, written, {
      ...input,
      wasThere: (image, payload) => seen.get(image)?.has(payload) === true,
    }) satisfies Promise<readonly CarriedOut[]>;
  };
