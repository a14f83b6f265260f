import type { Ctx } from "#core/ctx.ts";
import type { Descriptor } from "#core/descriptor.ts";
import type { Digest } from "#core/digest.ts";
import { answerHeader } from "#net/answerHeader.ts";
import { endUpload } from "#registry/client/endUpload.ts";
import { followLocation } from "#registry/client/followLocation.ts";
import type { RepositoryCalls } from "#registry/client/repositoryCalls.ts";
import type { SessionAnswer } from "#registry/client/session.ts";

const MAX_ANSWER_BYTES = 64 * 1024;
// How a registry may say that it does not know this way; whatever else it says is an answer.
const NOT_SO: ReadonlySet<number> = new Set([200, 201, 400, 404, 405, 411, 413, 415, 501]);

/**
 * Uploads a small blob with the request that would only begin it (distribution-spec 1.1, "Single POST"). `stored`: that is
 * what the registry did. `begun`: it opened an upload instead, which was gone on with, and the blob is stored. `refused`:
 * nothing is stored, and it may take the blob the usual way.
 */
export const uploadAtOnce = async (
  calls: RepositoryCalls,
  ctx: Ctx,
  blob: Pick<Descriptor, "digest">,
  bytes: Uint8Array,
): Promise<"stored" | "begun" | "refused"> => {
  const answer = await calls.send(ctx, {
    method: "POST",
    target: `blobs/uploads/?digest=${encodeURIComponent(blob.digest)}`,
    headers: { "content-type": "application/octet-stream" },
    body: bytes,
    maxBytes: MAX_ANSWER_BYTES,
  });
  if (answer.status === 201 && saysStored(answer, blob.digest)) return "stored";
  if (NOT_SO.has(answer.status)) return "refused";
  if (answer.status !== 202) throw answer.error();
  await endUpload(calls, ctx, blob, followLocation(answer, answerHeader(answer, "location")), bytes);
  return "begun";
};

/** A 201 may also be that of an upload begun in an odd way: only one that names the blob is a yes. */
const saysStored = (answer: SessionAnswer, digest: Digest): boolean =>
  answerHeader(answer, "docker-content-digest") === digest ||
  answerHeader(answer, "location")?.replace("%3A", ":").endsWith(`/blobs/${digest}`) === true;
