import { writeBundle } from "#claims/bundle.ts";
import type { Repositories } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { parseReference, signedName } from "#core/reference.ts";
import type { Signer } from "#core/signer.ts";
import { findExistingPapers } from "#app/existingPapers.ts";
import { legacyEnvelope, payloadsOf, signStatement } from "#app/paper.ts";
import type { Paper } from "#app/paper.ts";
import { demandSha256, resolveImage } from "#app/resolveImage.ts";
import type { ResolvedImage } from "#app/resolveImage.ts";
import { withChildren } from "#app/signImages.ts";

export interface TakeInput {
  /** Of what was written before: by digest, or a tag that moved meanwhile would get what nobody wrote. */
  readonly references: readonly string[];
  readonly paper: Paper;
  readonly recursive: boolean;
  readonly platform?: string | undefined;
  /** Signatures that are stored already are taken over, so that one claim is one signature. */
  readonly stored: boolean;
}

/** A paper about one digest, in all the forms in which a file may hold it. */
export interface TakenPaper {
  readonly digest: Digest;
  /** Sigstore bundle v0.3. */
  readonly bundle: () => Promise<Uint8Array>;
  /** What the legacy form signs: the simple-signing payload, or the statement. */
  readonly payload: Uint8Array;
  /** Raw signature of the legacy form. */
  readonly signature: () => Promise<Uint8Array>;
  /** DSSE envelope around an attestation's statement. */
  readonly envelope: () => Promise<Uint8Array>;
}

/** Signed papers as bytes to keep elsewhere; nothing is written. Signs only what is asked for. */
export const takeSigned =
  (deps: { readonly repositories: Repositories; readonly signer: Signer }) =>
  async (ctx: Ctx, input: TakeInput): Promise<readonly TakenPaper[]> => {
    const taken: TakenPaper[] = [];
    for (const text of input.references) {
      const reference = parseReference(text);
      const image = await resolveImage(deps)(ctx, { reference, access: "read", platform: input.platform });
      const images = input.recursive ? await withChildren(ctx, image, 0) : [image];
      for (const one of images) taken.push(await takeOne(ctx, deps.signer, input, one));
    }
    return taken;
  };

const takeOne = async (
  ctx: Ctx,
  signer: Signer,
  { paper, stored }: TakeInput,
  { repository, digest, reference }: ResolvedImage,
): Promise<TakenPaper> => {
  demandSha256(digest);
  const payloads = payloadsOf(paper, digest, signedName(reference));
  const look = { repository, subject: digest, key: signer.publicKey, storage: "both" } as const;
  const existing = stored ? await findExistingPapers(ctx, look) : undefined;
  const statementSignature = async (): Promise<Uint8Array> =>
    existing?.find("bundle", payloads.bundle)?.signature ?? signStatement(ctx, signer, payloads.bundle);
  const signature = async (): Promise<Uint8Array> =>
    existing?.find("legacy", payloads.legacy)?.signature ??
    (paper.kind === "signature" ? signer.sign(ctx, payloads.legacy) : statementSignature());
  return {
    digest,
    payload: payloads.legacy,
    signature,
    envelope: async () => legacyEnvelope(payloads.legacy, await signature()),
    bundle: async () =>
      writeBundle({
        payloadType: MEDIA_TYPE.inToto,
        payload: payloads.bundle,
        signature: await statementSignature(),
        publicKeySpki: signer.publicKey.spki,
      }),
  };
};
