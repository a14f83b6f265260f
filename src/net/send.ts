import type { Ctx } from "#core/ctx.ts";

export type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";

/** A body that is sent once as it comes, so that a request with it is never repeated. */
export interface StreamedBody {
  readonly length: number;
  readonly chunks: AsyncIterable<Uint8Array>;
}

export interface HttpRequest {
  readonly method: Method;
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | StreamedBody;
  /** Most bytes of the answer's body when it is read whole; LIMIT_EXCEEDED beyond, or cut where the status is no success. */
  readonly maxBytes: number;
  /** Give the body of a success as `stream` instead of reading it. Whoever asks must iterate over it or discard it. */
  readonly streamed?: boolean;
  /** Never send it a second time. */
  readonly once?: boolean;
  /** A server chose where it goes, so that it must not come to this machine or its line, whatever the name resolves to. */
  readonly sentByServer?: boolean;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Where the answer came from, after redirects. */
  readonly url: URL;
  /** The whole body, never inflated; empty where it is streamed. */
  readonly bytes: Uint8Array;
  readonly stream?: AnswerStream;
  /** The request was sent before, and nobody knows whether it was carried out then: the connection or the server broke. */
  readonly repeated?: boolean;
}

/** A body on its way; it holds a connection until it has ended, is left, or is discarded. */
export interface AnswerStream {
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly discard: () => void;
}

/** One request, one answer of whatever status; throws NETWORK_FAILED, NETWORK_TIMEOUT, LIMIT_EXCEEDED or ABORTED. */
export type Send = (ctx: Ctx, request: HttpRequest) => Promise<HttpAnswer>;
