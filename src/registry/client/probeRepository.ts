import type { Ctx } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import { answerHeader } from "#net/answerHeader.ts";
import { followLocation } from "#registry/client/followLocation.ts";
import { listByApi } from "#registry/client/referrers.ts";
import type { RepositoryCalls } from "#registry/client/repositoryCalls.ts";

/** What a registry can do for a repository, found out without leaving anything in it. */
export interface RepositoryProbe {
  /** Whether there is the referrers API of distribution-spec 1.1. */
  readonly listsReferrers: (ctx: Ctx, subject: Digest) => Promise<boolean>;
  /** Opens an upload and cancels it (distribution-spec 1.1, "Cancel a blob upload"); `kept` where that is not possible. */
  readonly tryUpload: (ctx: Ctx) => Promise<"cancelled" | "kept">;
}

const MAX_ANSWER_BYTES = 64 * 1024;
const CANCELLED: ReadonlySet<number> = new Set([200, 202, 204, 404]);

export const probeRepository = (calls: RepositoryCalls): RepositoryProbe => ({
  listsReferrers: async (ctx, subject) => {
    let isOdd = false;
    const nothing = { wants: () => false, onLimit: () => undefined };
    const listed = await listByApi(calls, ctx, subject, nothing, () => (isOdd = true));
    return listed !== undefined && !isOdd;
  },
  tryUpload: async (ctx) => {
    const begun = await calls.send(ctx, { method: "POST", target: "blobs/uploads/", maxBytes: MAX_ANSWER_BYTES });
    if (begun.status !== 202) throw begun.error();
    const target = followLocation(begun, answerHeader(begun, "location"));
    const ended = await calls.send(ctx, { method: "DELETE", target, maxBytes: MAX_ANSWER_BYTES });
    return CANCELLED.has(ended.status) ? "cancelled" : "kept";
  },
});
