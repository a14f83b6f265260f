import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { chunkQueue } from "#net/chunkQueue.ts";
import type { ChunkQueue } from "#net/chunkQueue.ts";
import { describeRequest } from "#net/describeRequest.ts";
import type { AnswerHead, BodySink, BodySource } from "#net/exchange.ts";
import { networkError } from "#net/networkError.ts";
import { measurePace } from "#net/pace.ts";
import type { AnswerStream, HttpAnswer, HttpRequest } from "#net/send.ts";

/** What an answer is read for, and who waits for it. */
interface Reading {
  readonly ctx: Ctx;
  readonly request: HttpRequest;
  /** Time without bytes of a body that is on its way, in milliseconds. */
  readonly stallMs: number;
  readonly resolve: (answer: HttpAnswer) => void;
  readonly reject: (error: WaybillError) => void;
}

// The body of a failure is there to be quoted in a line; what is longer is cut.
const MAX_FAILURE_BYTES = 64 * 1024;
const WHOLE_STALLS = 2;

/** Reads an answer whole, up to the request's cap, or hands it on as a stream where that was asked for. */
export const openAnswer = (reading: Reading, head: AnswerHead, source: BodySource): BodySink => {
  const { request } = reading;
  const success = head.status >= 200 && head.status < 300;
  if (success && request.streamed === true) {
    const queue = chunkQueue(source);
    reading.resolve({ ...head, url: request.url, bytes: new Uint8Array(), stream: openStream(reading, queue) });
    return queue.sink;
  }
  const announced = Number(head.headers["content-length"] ?? 0);
  if (success && request.method !== "HEAD" && announced > request.maxBytes)
    throw tooLarge(request, `${announced}`, request.maxBytes);
  return collectWhole(reading, head, success);
};

const openStream = (reading: Reading, queue: ChunkQueue): AnswerStream => ({
  chunks: streamBody(reading, queue),
  discard: queue.discard,
});

async function* streamBody({ ctx, request, stallMs }: Reading, queue: ChunkQueue): AsyncGenerator<Uint8Array> {
  const pace = measurePace(ctx, { windowMs: stallMs }, () => describeRequest(request));
  try {
    for (;;) {
      pace.wait();
      const chunk = await queue.next();
      if (chunk === undefined) return;
      pace.count(chunk.byteLength);
      yield chunk;
    }
  } catch (error) {
    throw networkError(error, describeRequest(request), ctx.signal);
  } finally {
    queue.discard();
  }
}

const collectWhole = (
  { ctx, request, stallMs, resolve, reject }: Reading,
  head: AnswerHead,
  success: boolean,
): BodySink => {
  const cap = success ? request.maxBytes : MAX_FAILURE_BYTES;
  const pace = measurePace(ctx, { windowMs: stallMs, totalMs: WHOLE_STALLS * stallMs }, () => describeRequest(request));
  const chunks: Uint8Array[] = [];
  let size = 0;
  const end = (): void => {
    // One chunk, the usual case, is already a buffer of its own.
    const whole =
      chunks.length === 1 && chunks[0] !== undefined && size <= cap
        ? chunks[0]
        : Buffer.concat(chunks, Math.min(size, cap));
    resolve({ ...head, url: request.url, bytes: whole });
  };
  return {
    write: (chunk) => {
      pace.count(chunk.byteLength);
      chunks.push(chunk);
      size += chunk.byteLength;
      if (size <= cap) return true;
      // What is cut is an answer all the same; its connection is closed as that of a refused one.
      if (!success) end();
      throw tooLarge(request, "more", cap);
    },
    end,
    fail: (error) => reject(networkError(error, describeRequest(request), ctx.signal)),
  };
};

const tooLarge = (request: HttpRequest, size: string, cap: number): WaybillError =>
  new WaybillError("LIMIT_EXCEEDED", `${describeRequest(request)}: an answer of ${size} bytes, the limit is ${cap}`);
