import { getCACertificates } from "node:tls";
import { Agent } from "undici";
import type { Dispatcher } from "undici";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { describeUrl } from "#net/describeUrl.ts";
import { abortError, networkError } from "#net/networkError.ts";
import { paceBody } from "#net/paceBody.ts";
import type { AnswerStream, HttpAnswer, HttpRequest, Send } from "#net/send.ts";

export interface ConnectionOptions {
  /** Connections to one host at a time; further requests wait for one. */
  readonly perHost: number;
  /** Time for a connection with its TLS handshake, in milliseconds. */
  readonly connectMs: number;
  /** Time from the end of the request to the headers of the answer. */
  readonly answerMs: number;
  /** Time without bytes of a body that is on its way. */
  readonly stallMs: number;
  /** PEM of authorities to trust besides those that Node trusts. */
  readonly ca?: string | undefined;
  /** Skip the check of certificates. */
  readonly insecure: boolean;
}

export interface Connections {
  readonly send: Send;
  readonly close: () => Promise<void>;
}

// The body of a failure is there to be quoted in a line; what is longer is cut.
const MAX_FAILURE_BYTES = 64 * 1024;
const WHOLE_STALLS = 2;

/** Bare exchanges over one pool: deadlines and caps, but no retries and no redirects. */
export const undiciSend = (options: ConnectionOptions): Connections => {
  const agent = new Agent({
    connections: options.perHost,
    // Retries and limits count connections; streams of one HTTP/2 connection would fall together.
    allowH2: false,
    connect: {
      timeout: options.connectMs,
      rejectUnauthorized: !options.insecure,
      ...(options.ca === undefined ? {} : { ca: [...getCACertificates("default"), options.ca] }),
    },
    headersTimeout: options.answerMs,
    bodyTimeout: options.stallMs,
  });
  return {
    send: async (ctx, request) => {
      const what = `${request.method} ${describeUrl(request.url)}`;
      if (ctx.signal.aborted) throw abortError(ctx.signal);
      try {
        const response = await agent.request(dispatchOptions(ctx, request));
        return await readAnswer(ctx, request, response, { what, stallMs: options.stallMs });
      } catch (error) {
        throw networkError(error, what, ctx.signal);
      }
    },
    close: () => agent.destroy(),
  };
};

const dispatchOptions = (ctx: Ctx, request: HttpRequest): Dispatcher.RequestOptions => {
  const { url, method, body } = request;
  const streamed = body !== undefined && !(body instanceof Uint8Array);
  return {
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method,
    headers: {
      // Bytes are hashed as they come; nothing may inflate them, neither here nor on the way (attack 28).
      "accept-encoding": "identity",
      ...request.headers,
      ...(streamed ? { "content-length": String(body.length) } : {}),
    },
    // undici takes any async iterable, which its types do not say.
    body: (streamed ? body.chunks : (body ?? null)) as Uint8Array | null,
    signal: ctx.signal,
  };
};

interface Reading {
  readonly what: string;
  readonly stallMs: number;
}

const readAnswer = async (
  ctx: Ctx,
  request: HttpRequest,
  response: Dispatcher.ResponseData,
  reading: Reading,
): Promise<HttpAnswer> => {
  const facts = { status: response.statusCode, headers: response.headers, url: request.url };
  const success = facts.status >= 200 && facts.status < 300;
  if (success && request.streamed === true)
    return { ...facts, bytes: new Uint8Array(), stream: openStream(ctx, response.body, reading) };
  const announced = Number(response.headers["content-length"] ?? 0);
  if (success && request.method !== "HEAD" && announced > request.maxBytes) {
    response.body.on("error", () => {}).destroy();
    throw tooLarge(reading.what, `${announced}`, request.maxBytes);
  }
  return { ...facts, bytes: await readWhole(ctx, request, response.body, success, reading) };
};

const openStream = (ctx: Ctx, body: Dispatcher.ResponseData["body"], reading: Reading): AnswerStream => ({
  chunks: streamBody(ctx, body, reading),
  discard: () => void body.on("error", () => {}).destroy(),
});

async function* streamBody(ctx: Ctx, body: AsyncIterable<Uint8Array>, reading: Reading): AsyncGenerator<Uint8Array> {
  try {
    yield* paceBody(ctx, body, { windowMs: reading.stallMs }, reading.what);
  } catch (error) {
    throw networkError(error, reading.what, ctx.signal);
  }
}

const readWhole = async (
  ctx: Ctx,
  request: HttpRequest,
  body: AsyncIterable<Uint8Array>,
  success: boolean,
  { what, stallMs }: Reading,
): Promise<Uint8Array> => {
  const cap = success ? request.maxBytes : MAX_FAILURE_BYTES;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of paceBody(ctx, body, { windowMs: stallMs, totalMs: WHOLE_STALLS * stallMs }, what)) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size <= cap) continue;
    if (success) throw tooLarge(what, "more", cap);
    break;
  }
  // One chunk, the usual case, is already a buffer of its own.
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, Math.min(size, cap));
};

const tooLarge = (what: string, size: string, cap: number): WaybillError =>
  new WaybillError("LIMIT_EXCEEDED", `${what}: an answer of ${size} bytes, the limit is ${cap}`);
