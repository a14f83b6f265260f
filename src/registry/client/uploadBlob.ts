import type { Ctx } from "#core/ctx.ts";
import type { Descriptor } from "#core/descriptor.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import { trimOldest } from "#core/trimOldest.ts";
import { answerHeader } from "#net/answerHeader.ts";
import { networkReason } from "#net/networkError.ts";
import type { StreamedBody } from "#net/send.ts";
import { endUpload } from "#registry/client/endUpload.ts";
import { followLocation } from "#registry/client/followLocation.ts";
import { refusePage } from "#registry/client/refusePage.ts";
import type { RepositoryCalls } from "#registry/client/repositoryCalls.ts";
import type { SessionAnswer } from "#registry/client/session.ts";

type Blob = Pick<Descriptor, "digest" | "size">;

/** Sends the bytes of a blob that is not there. */
export type UploadBlob = (ctx: Ctx, blob: Blob, body: Uint8Array | StreamedBody) => Promise<void>;

// What is smaller is sent again as soon as one has asked what of it arrived.
const RESUMABLE_BYTES = 8 * 1024 * 1024;
const MAX_ANSWER_BYTES = 64 * 1024;
const MAX_BROKEN = 100;
// The specification's, and what go-containerregistry takes for a yes as well.
const TAKEN: ReadonlySet<number> = new Set([202, 201, 204]);
const NO_PATCH: ReadonlySet<number> = new Set([404, 405, 501]);
const OCTETS = { "content-type": "application/octet-stream" };

/**
 * Uploads of one repository (distribution-spec 1.1, "Pushing blobs"): POST then PUT; a large stream goes by PATCH in between,
 * and where that breaks off, the next upload of the same blob asks how much arrived, and goes on from there.
 */
export const openUploads = (calls: RepositoryCalls): UploadBlob => {
  const broken = new Map<Digest, URL>();
  let patches = true;

  const begin = async (ctx: Ctx): Promise<URL> => {
    const begun = await calls.send(ctx, { method: "POST", target: "blobs/uploads/", maxBytes: MAX_ANSWER_BYTES });
    if (begun.status !== 202) throw begun.error();
    return followLocation(begun, answerHeader(begun, "location"));
  };

  const patch = async (ctx: Ctx, blob: Blob, upload: Upload, body: StreamedBody): Promise<URL> => {
    const { place, at } = upload;
    const headers = { ...OCTETS, ...(at === 0 ? {} : { "content-range": `${at}-${blob.size - 1}` }) };
    const rest = { length: blob.size - at, chunks: at === 0 ? body.chunks : afterFirst(body.chunks, at) };
    broken.set(blob.digest, place);
    trimOldest(broken, MAX_BROKEN);
    const answer = await calls
      .send(ctx, { method: "PATCH", target: place, headers, body: rest, maxBytes: MAX_ANSWER_BYTES })
      .catch((error: unknown) => {
        // Bytes that are not the blob's are nothing to go on from.
        if (networkReason(error) === undefined) broken.delete(blob.digest);
        throw error;
      });
    broken.delete(blob.digest);
    if (NO_PATCH.has(answer.status) && at === 0) patches = false;
    if (!TAKEN.has(answer.status)) throw at > 0 || !patches ? anew(answer.error()) : answer.error();
    refusePage(answer);
    return followLocation(answer, answerHeader(answer, "location") ?? place.href);
  };

  const sendStream = async (ctx: Ctx, blob: Blob, body: StreamedBody): Promise<void> => {
    const found = broken.get(blob.digest);
    broken.delete(blob.digest);
    const kept = found === undefined ? undefined : await findKept(calls, ctx, found, blob.size);
    const place = await patch(ctx, blob, kept ?? { place: await begin(ctx), at: 0 }, body);
    try {
      await endUpload(calls, ctx, blob, place, new Uint8Array());
    } catch (error) {
      // What was kept may not have been what was sent.
      throw kept !== undefined && hasCode(error, "REGISTRY_REFUSED", "NOT_FOUND") ? anew(error) : error;
    }
  };

  return async (ctx, blob, body) => {
    if (body instanceof Uint8Array || !patches || blob.size < RESUMABLE_BYTES)
      return endUpload(calls, ctx, blob, await begin(ctx), body);
    return sendStream(ctx, blob, body);
  };
};

interface Upload {
  readonly place: URL;
  /** Bytes that are there. */
  readonly at: number;
}

/**
 * How much of an upload that broke off is there; undefined where that is not known or of no use. `0-0` may be one byte or
 * none, since registries spell both so. The last byte is always sent: a body must not be empty.
 */
const findKept = async (calls: RepositoryCalls, ctx: Ctx, found: URL, size: number): Promise<Upload | undefined> => {
  const answer = await askState(calls, ctx, found);
  const end = /^(?:bytes=)?0-([1-9][0-9]{0,15})$/.exec(answerHeader(answer, "range") ?? "")?.[1];
  if (answer.status !== 204 || end === undefined || Number(end) + 1 >= size) return undefined;
  return { place: followLocation(answer, answerHeader(answer, "location") ?? found.href), at: Number(end) + 1 };
};

// A registry may still be busy with what broke off, and shows nothing of the upload until it has noticed.
const ASKS = 5;
const ASK_DELAY_MS = 1000;

const askState = async (calls: RepositoryCalls, ctx: Ctx, found: URL): Promise<SessionAnswer> => {
  for (let ask = 1; ; ask++) {
    const answer = await calls.send(ctx, { method: "GET", target: found, maxBytes: MAX_ANSWER_BYTES });
    if (answer.status !== 404 || ask === ASKS) return answer;
    await ctx.clock.sleep(ASK_DELAY_MS, ctx.signal);
  }
};

/** All but so many bytes; those are read all the same, since they count for the digest. */
async function* afterFirst(chunks: AsyncIterable<Uint8Array>, skip: number): AsyncGenerator<Uint8Array> {
  let left = skip;
  for await (const chunk of chunks) {
    const skipped = Math.min(left, chunk.byteLength);
    left -= skipped;
    if (skipped < chunk.byteLength) yield chunk.subarray(skipped);
  }
}

/** Whoever can read the bytes anew may send them again, and it will go another way. */
const anew = ({ code, message, hint, cause, details }: WaybillError): WaybillError =>
  new WaybillError(code, message, { hint, cause, details: { ...details, renewed: true } });
