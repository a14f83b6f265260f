import type { z } from "zod";
import type { Ctx } from "#core/ctx.ts";
import type { IssuedPaper } from "#records/paper.ts";
import type { Records, RecordStore } from "#records/recordStore.ts";
import type { SIGNATURES } from "#api/contract/paperRoutes.ts";
import { documentUrl, viewTime } from "#api/views.ts";

type SignatureView = z.infer<typeof SIGNATURES>["signatures"][number];

// Whoever may push to the repository decides how many there are; the rest is at /images/{digest}.
const MAX_SHOWN = 100;

/** The signatures of an image, with the payload of those in simple signing form. */
export const listSignatures = (
  store: RecordStore,
  ctx: Ctx,
  papers: readonly IssuedPaper[],
): Promise<readonly SignatureView[]> =>
  store.read(ctx, async (records) => {
    const views: SignatureView[] = [];
    for (const paper of papers.slice(0, MAX_SHOWN)) views.push(await viewSignature(records, paper));
    return views;
  });

const viewSignature = async (records: Records, paper: IssuedPaper): Promise<SignatureView> => {
  const { envelope, signature } = paper;
  const payload = signature === undefined ? undefined : envelope && (await records.documents.get(envelope));
  return {
    keyid: paper.key,
    payload: payload === undefined ? null : Buffer.from(payload.bytes).toString("base64"),
    sig: signature ?? null,
    signed_at: null,
    verified_at: viewTime(paper.verifiedAt),
    bundle_url: documentUrl(paper, paper.bundle),
  };
};
