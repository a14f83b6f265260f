import type { BlobReader, BlobWriter } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Descriptor } from "#core/descriptor.ts";
import type { Digest } from "#core/digest.ts";
import { hasCode } from "#core/errors.ts";
import type { StartDigest } from "#core/streamDigest.ts";
import { checkBytes, readAll, verifiedBytes } from "#core/verifiedBytes.ts";
import type { StreamedBody } from "#net/send.ts";
import { downloadBlob } from "#registry/client/downloadBlob.ts";
import { refusePage } from "#registry/client/refusePage.ts";
import type { RepositoryCalls } from "#registry/client/repositoryCalls.ts";
import { uploadAtOnce } from "#registry/client/uploadAtOnce.ts";
import { openUploads } from "#registry/client/uploadBlob.ts";

type Blob = Pick<Descriptor, "digest" | "size">;

// Smaller streams are collected first: bytes in memory can be sent again when a connection breaks.
const COLLECT_BYTES = 256 * 1024;
// Configs and papers, which are hardly more than the question whether they are there.
const SMALL_BYTES = 16 * 1024;
const ABSENT_FOR_MANY = 8;

/**
 * Blobs of one repository over OCI distribution-spec 1.1, "Pulling blobs" and "Pushing blobs". After a few of which none was
 * there, as in a copy of many images, small ones are sent without asking, and in one request where the registry takes that.
 */
export const openBlobs = (calls: RepositoryCalls, startDigest?: StartDigest): BlobReader & BlobWriter => {
  const present = new Set<Digest>();
  const upload = openUploads(calls);
  let absentInRow = 0;
  let takesAtOnce = true;

  const hasBlob = async (ctx: Ctx, digest: Digest): Promise<boolean> => {
    if (present.has(digest)) return true;
    const answer = await calls.send(ctx, { method: "HEAD", target: `blobs/${digest}`, maxBytes: 0 });
    if (answer.status === 404) return false;
    if (answer.status !== 200) throw answer.error();
    refusePage(answer, true);
    present.add(digest);
    return true;
  };

  const ask = async (ctx: Ctx, digest: Digest): Promise<boolean> => {
    const found = await hasBlob(ctx, digest);
    absentInRow = found ? 0 : absentInRow + 1;
    return found;
  };

  const send = async (ctx: Ctx, blob: Blob, body: Uint8Array | StreamedBody, atOnce: boolean): Promise<void> => {
    const answer = atOnce && takesAtOnce && body instanceof Uint8Array && (await uploadAtOnce(calls, ctx, blob, body));
    if (answer === "begun" || answer === "refused") takesAtOnce = false;
    if (answer === false || answer === "refused") await upload(ctx, blob, body);
  };

  return {
    hasBlob,
    readBlob: (ctx, blob) => verifiedBytes(blob, downloadBlob(calls, ctx, blob), startDigest),
    writeBlob: async (ctx, blob, bytes) => {
      if (bytes instanceof Uint8Array) checkBytes(blob, bytes);
      if (present.has(blob.digest)) return;
      const isOneOfMany = absentInRow >= ABSENT_FOR_MANY && blob.size <= SMALL_BYTES;
      if (!isOneOfMany && (await ask(ctx, blob.digest))) return;
      try {
        await send(ctx, blob, await bodyOf(blob, bytes, startDigest), isOneOfMany);
      } catch (error) {
        // An end whose answer was lost is sent again, and then there is no such upload any more.
        if (!hasCode(error, "NOT_FOUND") || !(await hasBlob(ctx, blob.digest))) throw error;
      }
      present.add(blob.digest);
    },
  };
};

const bodyOf = async (
  blob: Blob,
  bytes: Uint8Array | AsyncIterable<Uint8Array>,
  startDigest: StartDigest | undefined,
): Promise<Uint8Array | StreamedBody> => {
  if (bytes instanceof Uint8Array) return bytes;
  const checked = verifiedBytes(blob, bytes, startDigest);
  return blob.size > COLLECT_BYTES
    ? { length: blob.size, chunks: checked }
    : readAll(checked, blob.size, `blob ${blob.digest}`);
};
