import type { Ctx } from "#core/ctx.ts";
import type { Descriptor } from "#core/descriptor.ts";
import type { StreamedBody } from "#net/send.ts";
import { refusePage } from "#registry/client/refusePage.ts";
import type { RepositoryCalls } from "#registry/client/repositoryCalls.ts";

const MAX_ANSWER_BYTES = 64 * 1024;
const STORED: ReadonlySet<number> = new Set([200, 201]);

/** Sends the last or only part of an upload that was begun at `place`, and the digest that makes it a blob. */
export const endUpload = async (
  calls: RepositoryCalls,
  ctx: Ctx,
  blob: Pick<Descriptor, "digest">,
  place: URL,
  body: Uint8Array | StreamedBody,
): Promise<void> => {
  const target = new URL(place);
  // Appended as text: a state that the registry put into the query must come back to the byte.
  target.search = `${target.search}${target.search === "" ? "?" : "&"}digest=${encodeURIComponent(blob.digest)}`;
  const headers = { "content-type": "application/octet-stream" };
  const ended = await calls.send(ctx, { method: "PUT", target, headers, body, maxBytes: MAX_ANSWER_BYTES });
  if (!STORED.has(ended.status)) throw ended.error();
  refusePage(ended);
};
