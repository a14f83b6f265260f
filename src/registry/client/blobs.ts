import type { BlobReader, BlobWriter } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Descriptor } from "#core/descriptor.ts";
import type { Digest } from "#core/digest.ts";
import { checkBytes, readAll, verifiedBytes } from "#core/verifiedBytes.ts";
import { answerHeader } from "#net/answerHeader.ts";
import { downloadBlob } from "#registry/client/downloadBlob.ts";
import { followLocation } from "#registry/client/followLocation.ts";
import { refusePage } from "#registry/client/refusePage.ts";
import type { RepositoryCalls } from "#registry/client/repositoryCalls.ts";

type Blob = Pick<Descriptor, "digest" | "size">;

// Smaller streams are collected first: bytes in memory can be sent again when a connection breaks.
const COLLECT_BYTES = 256 * 1024;
const MAX_ANSWER_BYTES = 64 * 1024;
const STORED: ReadonlySet<number> = new Set([200, 201]);

/** Blobs of one repository over OCI distribution-spec 1.1, "Pulling blobs" and "POST then PUT". */
export const openBlobs = (calls: RepositoryCalls): BlobReader & BlobWriter => {
  const present = new Set<Digest>();

  const hasBlob = async (ctx: Ctx, digest: Digest): Promise<boolean> => {
    if (present.has(digest)) return true;
    const answer = await calls.send(ctx, { method: "HEAD", target: `blobs/${digest}`, maxBytes: 0 });
    if (answer.status === 404) return false;
    if (answer.status !== 200) throw answer.error();
    refusePage(answer, true);
    present.add(digest);
    return true;
  };

  return {
    hasBlob,
    readBlob: (ctx, blob) => verifiedBytes(blob, downloadBlob(calls, ctx, blob)),
    writeBlob: async (ctx, blob, bytes) => {
      if (bytes instanceof Uint8Array) checkBytes(blob, bytes);
      if (await hasBlob(ctx, blob.digest)) return;
      await upload(calls, ctx, blob, await bodyOf(blob, bytes));
      present.add(blob.digest);
    },
  };
};

type Body = Uint8Array | { readonly length: number; readonly chunks: AsyncIterable<Uint8Array> };

const bodyOf = async (blob: Blob, bytes: Uint8Array | AsyncIterable<Uint8Array>): Promise<Body> => {
  if (bytes instanceof Uint8Array) return bytes;
  const checked = verifiedBytes(blob, bytes);
  return blob.size > COLLECT_BYTES
    ? { length: blob.size, chunks: checked }
    : readAll(checked, blob.size, `blob ${blob.digest}`);
};

const upload = async (calls: RepositoryCalls, ctx: Ctx, blob: Blob, body: Body): Promise<void> => {
  const begun = await calls.send(ctx, { method: "POST", target: "blobs/uploads/", maxBytes: MAX_ANSWER_BYTES });
  if (begun.status !== 202) throw begun.error();
  const target = followLocation(begun, answerHeader(begun, "location"));
  // Appended as text: a state that the registry put into the query must come back to the byte.
  target.search = `${target.search}${target.search === "" ? "?" : "&"}digest=${encodeURIComponent(blob.digest)}`;
  const ended = await calls.send(ctx, {
    method: "PUT",
    target,
    headers: { "content-type": "application/octet-stream" },
    body,
    maxBytes: MAX_ANSWER_BYTES,
  });
  if (!STORED.has(ended.status)) throw ended.error();
  refusePage(ended);
};
