import { getCACertificates } from "node:tls";
import type { Agent as AgentTypes, Dispatcher } from "undici";
import Agent from "undici/lib/dispatcher/agent.js";
import { describeRequest } from "#net/describeRequest.ts";
import { openConnector } from "#net/connector.ts";
import type { ClientIdentity } from "#net/connector.ts";
import { startExchange } from "#net/exchange.ts";
import { abortError, networkError } from "#net/networkError.ts";
import { openAnswer } from "#net/openAnswer.ts";
import { proxyRefusal } from "#net/proxyError.ts";
import type { Proxy, ProxyChoice } from "#net/proxies.ts";
import type { HttpRequest, Send } from "#net/send.ts";

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
  readonly identity?: ClientIdentity | undefined;
  readonly proxies?: ProxyChoice | undefined;
}

export interface Connections {
  readonly send: Send;
  readonly close: () => Promise<void>;
}

/** Bare exchanges over one pool: deadlines and caps, but no retries and no redirects. */
export const undiciSend = (options: ConnectionOptions): Connections => {
  const settings: AgentTypes.Options = {
    connections: options.perHost,
    // Retries and limits count connections; streams of one HTTP/2 connection would fall together.
    allowH2: false,
    connect: openConnector({
      connectMs: options.connectMs,
      tls: {
        rejectUnauthorized: !options.insecure,
        ...(options.ca === undefined ? {} : { ca: [...getCACertificates("default"), options.ca] }),
      },
      identity: options.identity,
      proxies: options.proxies,
    }),
    headersTimeout: options.answerMs,
    bodyTimeout: options.stallMs,
  };
  const agent = new Agent(settings);
  // The bytes of a streamed body may come from the same host: uploads that held all connections would wait for ever.
  const uploads = new Agent(settings);
  return {
    send: (ctx, request) =>
      new Promise((resolve, reject) => {
        const { signal } = ctx;
        if (signal.aborted) return reject(abortError(signal));
        // Beyond https a proxy sees the request itself, and answers it where it refuses.
        const proxy = request.url.protocol === "http:" ? options.proxies?.(request.url) : undefined;
        const reading = { ctx, request, stallMs: options.stallMs, resolve, reject };
        return startExchange(isStreamed(request) ? uploads : agent, dispatchOptions(request, proxy), signal, {
          open: (head, source) => {
            if (proxy !== undefined && head.status === 407) throw proxyRefusal(proxy, head.status);
            return openAnswer(reading, head, source);
          },
          fail: (error) => reject(networkError(error, describeRequest(request), signal)),
        });
      }),
    close: async () => void (await Promise.all([agent.destroy(), uploads.destroy()])),
  };
};

const isStreamed = ({ body }: HttpRequest): boolean => body !== undefined && !(body instanceof Uint8Array);

const dispatchOptions = (request: HttpRequest, proxy: Proxy | undefined): Dispatcher.DispatchOptions => {
  const { url, method, body } = request;
  const streamed = body !== undefined && !(body instanceof Uint8Array);
  return {
    origin: url.origin,
    path: `${proxy === undefined ? "" : url.origin}${url.pathname}${url.search}`,
    method,
    headers: {
      // Bytes are hashed as they come; nothing may inflate them, neither here nor on the way (attack 28).
      "accept-encoding": "identity",
      ...request.headers,
      ...(streamed ? { "content-length": String(body.length) } : {}),
      ...(proxy?.authorization === undefined ? {} : { "proxy-authorization": proxy.authorization }),
    },
    // undici takes any async iterable, which its types do not say.
    body: (streamed ? body.chunks : (body ?? null)) as Uint8Array | null,
  };
};
