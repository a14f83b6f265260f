import { writeSimpleSigning } from "#claims/simpleSigning.ts";
import type { Repositories } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import { parseReference, signedName } from "#core/reference.ts";
import { demandSha256, resolveImage } from "#app/resolveImage.ts";

export interface PayloadInput {
  readonly reference: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** Replaces the repository name in cosign's docker-reference. */
  readonly containerIdentity?: string | undefined;
  readonly platform?: string | undefined;
}

/** The exact bytes that `sign` would sign for the legacy form, for tools that sign them elsewhere. */
export const generatePayload =
  (deps: { readonly repositories: Repositories }) =>
  async (ctx: Ctx, input: PayloadInput): Promise<Uint8Array> => {
    const reference = parseReference(input.reference);
    const { digest } = await resolveImage(deps)(ctx, { reference, access: "read", platform: input.platform });
    demandSha256(digest);
    const dockerReference = input.containerIdentity ?? signedName(reference);
    return writeSimpleSigning({ dockerReference, digest, annotations: input.annotations });
  };
