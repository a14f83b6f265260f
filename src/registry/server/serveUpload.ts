import { isDigest } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import type { LayoutStore } from "#registry/layout/layoutStore.ts";
import type { Answer } from "#registry/server/answer.ts";
import { parseChunkRange } from "#registry/server/byteRange.ts";
import type { Exchange } from "#registry/server/exchange.ts";
import { refuse } from "#registry/server/fault.ts";
import type { UploadBody, UploadSession } from "#registry/server/uploadSessions.ts";

// distribution-spec 1.1, "Pushing blobs": POST begins (or mounts, or is all of it), PATCH adds, PUT ends.

/** POST of `/v2/NAME/blobs/uploads/`. */
export const beginUpload = async (exchange: Exchange, name: string): Promise<Answer> => {
  const store = exchange.tree.openForWriting(name);
  if (store === undefined) return refuse("DENIED", "this repository is read-only");
  const mounted = await mountBlob(exchange, store, name);
  if (mounted !== undefined) return mounted;
  const digest = exchange.query.get("digest");
  if (digest !== null && !isDigest(digest)) return refuse("DIGEST_INVALID", "not a digest");
  const session = await exchange.uploads.start(name);
  if (session === undefined) return refuse("TOOMANYREQUESTS", "too many uploads are under way", { "Retry-After": "5" });
  if (digest === null) return { status: 202, headers: uploadHeaders(session) };
  try {
    return await endUpload(exchange, store, session, digest);
  } finally {
    // The client never learnt its name, so nobody would go on with it.
    if (exchange.uploads.find(name, session.id) !== undefined) await exchange.uploads.cancel(session.id);
  }
};

/** GET, PATCH, PUT and DELETE of `/v2/NAME/blobs/uploads/ID`. */
export const serveUpload = async (exchange: Exchange, name: string, id: string): Promise<Answer> => {
  const store = exchange.tree.openForWriting(name);
  const session = exchange.uploads.find(name, id);
  if (store === undefined || session === undefined)
    return refuse("BLOB_UPLOAD_UNKNOWN", "there is no such upload, or another request is writing to it");
  if (exchange.method === "GET") return { status: 204, headers: uploadHeaders(session) };
  if (exchange.method === "DELETE") {
    await exchange.uploads.cancel(id);
    return { status: 204 };
  }
  if (exchange.method === "PATCH") {
    const body = readBody(exchange, session);
    if ("status" in body) return body;
    await exchange.uploads.append(id, body);
    return { status: 202, headers: uploadHeaders(session) };
  }
  const digest = exchange.query.get("digest");
  return isDigest(digest) ? endUpload(exchange, store, session, digest) : refuse("DIGEST_INVALID", "not a digest");
};

const mountBlob = async (exchange: Exchange, store: LayoutStore, name: string): Promise<Answer | undefined> => {
  const digest = exchange.query.get("mount");
  if (digest === null) return undefined;
  if (!isDigest(digest)) return refuse("DIGEST_INVALID", "not a digest");
  if ((await store.blobs.size(digest)) !== undefined) return created(name, digest);
  const from = exchange.query.get("from");
  // Without `from` any repository will do (distribution-spec 1.1, "Mounting a blob from another repository"): who may
  // read one may read all.
  const source = from === null ? await exchange.tree.findBlob(digest) : await exchange.tree.find(from);
  if (source === undefined || (await source.blobs.size(digest)) === undefined) return undefined;
  await store.make();
  return (await store.blobs.share(source.blobs, digest)) ? created(name, digest) : undefined;
};

const endUpload = async (
  exchange: Exchange,
  store: LayoutStore,
  session: UploadSession,
  digest: Digest,
): Promise<Answer> => {
  const last = readBody(exchange, session);
  if ("status" in last) return last;
  await exchange.uploads.finish(session.id, last, digest, async (path) => {
    await store.make();
    const isNew = (await store.blobs.size(digest)) === undefined;
    await store.blobs.adopt(path, digest);
    return isNew;
  });
  return created(session.repository, digest);
};

/** The request's body; an answer where it does not continue what is there. */
const readBody = (exchange: Exchange, session: UploadSession): UploadBody | Answer => {
  const header = exchange.header("content-range");
  const range = header === undefined ? undefined : parseChunkRange(header);
  if (header !== undefined && range?.start !== session.size)
    return refuse("RANGE_INVALID", `the next byte is ${session.size}`, uploadHeaders(session));
  if ((exchange.length ?? 0) > exchange.maxBlobBytes) return refuse("TOO_LARGE", "larger than this registry takes");
  return { bytes: exchange.body(), announced: range && range.end - range.start };
};

const uploadHeaders = (session: UploadSession): Readonly<Record<string, string>> => ({
  Location: `/v2/${session.repository}/blobs/uploads/${session.id}`,
  "Docker-Upload-UUID": session.id,
  // The end is inclusive; nothing yet is spelt 0-0, as every registry does.
  Range: `0-${Math.max(0, session.size - 1)}`,
});

const created = (name: string, digest: Digest): Answer => ({
  status: 201,
  headers: { Location: `/v2/${name}/blobs/${digest}`, "Docker-Content-Digest": digest },
});
