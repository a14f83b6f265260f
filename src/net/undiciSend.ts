import type { LookupFunction } from "node:net";
import { getCACertificates } from "node:tls";
import type { Agent as AgentTypes, Dispatcher } from "undici";
import Agent from "undici/lib/dispatcher/agent.js";
import { describeRequest } from "#net/describeRequest.ts";
import { openConnector } from "#net/connector.ts";
import type { ClientIdentity } from "#net/connector.ts";
import { openLookups } from "#net/lookups.ts";
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
  /** How names become addresses; Node's own way where undefined. */
  readonly lookup?: LookupFunction | undefined;
}

export interface Connections {
  readonly send: Send;
  /** Whether connections to a host that the user chose went to this machine or its line, and never elsewhere. */
  readonly isOwn: (hostname: string) => boolean;
  readonly close: () => Promise<void>;
}

/** Bare exchanges over one pool: deadlines and caps, but no retries and no redirects. */
export const undiciSend = (options: ConnectionOptions): Connections => {
  const lookups = openLookups(options.lookup);
  const settingsWith = (lookup: LookupFunction): AgentTypes.Options => ({
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
      lookup,
    }),
    headersTimeout: options.answerMs,
    bodyTimeout: options.stallMs,
  });
  const settings = settingsWith(lookups.plain);
  const agent = new Agent(settings);
  // The bytes of a streamed body may come from the same host: uploads that held all connections would wait for ever.
  const uploads = new Agent(settings);
  // Connections of their own: those to the same name that the user chose are not held to it.
  const guarded = new Agent(settingsWith(lookups.guarded));
  const agentFor = (request: HttpRequest): Agent =>
    request.sentByServer === true ? guarded : isStreamed(request) ? uploads : agent;
  return {
    isOwn: lookups.isOwn,
    send: (ctx, request) =>
      new Promise((resolve, reject) => {
        const { signal } = ctx;
        if (signal.aborted) return reject(abortError(signal));
        // Beyond https a proxy sees the request itself, and answers it where it refuses.
        const proxy = request.url.protocol === "http:" ? options.proxies?.(request.url) : undefined;
        const reading = { ctx, request, stallMs: options.stallMs, resolve, reject };
        return startExchange(agentFor(request), dispatchOptions(request, proxy), signal, {
          open: (head, source) => {
            if (proxy !== undefined && head.status === 407) throw proxyRefusal(proxy, head.status);
            return openAnswer(reading, head, source);
          },
          fail: (error) => reject(networkError(error, describeRequest(request), signal)),
        });
      }),
    close: async () => void (await Promise.all([agent, uploads, guarded].map((one) => one.destroy()))),
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
