import { isDigest } from "#core/digest.ts";
import type { LayoutStore } from "#registry/layout/layoutStore.ts";
import type { Answer } from "#registry/server/answer.ts";
import { parseRange } from "#registry/server/byteRange.ts";
import { entityTag, namesDigest } from "#registry/server/entityTags.ts";
import type { Exchange } from "#registry/server/exchange.ts";
import { refuse } from "#registry/server/fault.ts";

/** GET, HEAD and DELETE of `/v2/NAME/blobs/DIGEST`. Blobs go out as they lie on disk: checking is the reader's part. */
export const serveBlob = async (exchange: Exchange, name: string, reference: string): Promise<Answer> => {
  if (!isDigest(reference)) return refuse("DIGEST_INVALID", "not a digest");
  const store = await exchange.tree.find(name);
  if (store === undefined) return refuse("NAME_UNKNOWN", "there is no such repository");
  if (exchange.method === "DELETE") return removeBlob(exchange, store, name, reference);
  const headers = {
    "Content-Type": "application/octet-stream",
    "Docker-Content-Digest": reference,
    ETag: entityTag(reference),
    "Accept-Ranges": "bytes",
  };
  if (exchange.method === "HEAD") {
    const size = await store.blobs.size(reference);
    return size === undefined ? unknown() : { status: 200, headers, announced: size };
  }
  const blob = await store.blobs.open(reference);
  if (blob === undefined) return unknown();
  const noneMatch = exchange.header("if-none-match");
  const range = parseRange(exchange.header("range"), blob.size);
  if (range === "unsatisfiable" || (noneMatch !== undefined && namesDigest(noneMatch, reference))) {
    await blob.close();
    if (range !== "unsatisfiable") return { status: 304, headers };
    return refuse("RANGE_INVALID", "the blob is shorter", { "Content-Range": `bytes */${blob.size}` });
  }
  const { start, end } = range ?? { start: 0, end: blob.size };
  const partial = range === undefined ? {} : { "Content-Range": `bytes ${start}-${end - 1}/${blob.size}` };
  const { file, close } = blob;
  const body = file === undefined ? blob.whole?.subarray(start, end) : { file, start, end, close };
  if (body === undefined) return unknown();
  return { status: range === undefined ? 200 : 206, headers: { ...headers, ...partial }, body };
};

const removeBlob = async (
  exchange: Exchange,
  store: LayoutStore,
  name: string,
  digest: Parameters<LayoutStore["blobs"]["remove"]>[0],
): Promise<Answer> => {
  if (exchange.tree.openForWriting(name) === undefined) return refuse("DENIED", "this repository is read-only");
  // A layout keeps manifests among the blobs: removed as one, index.json would list what is not there.
  if ((await store.findManifest(digest)) !== undefined) return refuse("UNSUPPORTED", "this is a manifest, not a blob");
  return (await store.blobs.remove(digest)) ? { status: 202 } : unknown();
};

const unknown = (): Answer => refuse("BLOB_UNKNOWN", "there is no such blob");
