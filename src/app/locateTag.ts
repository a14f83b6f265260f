import { legacyTag } from "#claims/legacyImage.ts";
import type { Repositories } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import { parseReference } from "#core/reference.ts";
import { paperRepository } from "#app/paperRepository.ts";
import { demandSha256, resolveImage } from "#app/resolveImage.ts";

/** What cosign keeps beside an image under a tag of its own, or the image by its digest. */
export type TagKind = "signature" | "attestation" | "sbom" | "digest";

const SUFFIXES = { signature: "sig", attestation: "att", sbom: "sbom" } as const;

/**
 * The name under which cosign keeps an image's papers, whether they are there or not: `triangulate`. A digest needs no
 * question to the registry.
 */
export const locateTag =
  (deps: { readonly repositories: Repositories }) =>
  async (
    ctx: Ctx,
    input: { readonly reference: string; readonly kind: TagKind; readonly platform?: string | undefined },
  ): Promise<string> => {
    const reference = parseReference(input.reference);
    const known = input.platform === undefined ? reference.digest : undefined;
    const resolve = () => resolveImage(deps)(ctx, { reference, access: "read", platform: input.platform });
    const digest: Digest = known ?? (await resolve()).digest;
    const repository = await deps.repositories.open(ctx, reference, "read");
    if (input.kind === "digest") return `${repository.name}@${digest}`;
    demandSha256(digest);
    return `${paperRepository(repository).name}:${legacyTag(digest, SUFFIXES[input.kind])}`;
  };
