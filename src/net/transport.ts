import type { LookupFunction } from "node:net";
import type { ClientIdentity } from "#net/connector.ts";
import type { ProxyChoice } from "#net/proxies.ts";
import { redirectingSend } from "#net/redirectingSend.ts";
import { retryingSend } from "#net/retryingSend.ts";
import type { Send } from "#net/send.ts";
import { throttledSend } from "#net/throttledSend.ts";
import { undiciSend } from "#net/undiciSend.ts";

export interface TransportOptions {
  /** Version of the program, for the User-Agent. */
  readonly version: string;
  /** Connections to one host at a time; default 8. */
  readonly perHost?: number | undefined;
  /** Milliseconds to connect; default 10 s. */
  readonly connectMs?: number | undefined;
  /** Milliseconds from a request to the headers of its answer; default 60 s. */
  readonly answerMs?: number | undefined;
  /** Milliseconds without bytes, or at a crawl, before a body counts as stalled; default 30 s. */
  readonly stallMs?: number | undefined;
  /** PEM of authorities to trust besides those that Node trusts. */
  readonly ca?: string | undefined;
  /** Skip the check of certificates. */
  readonly allowInsecure?: boolean | undefined;
  /** What registries see of us in TLS, and which name they must have. */
  readonly identity?: ClientIdentity | undefined;
  /** Undefined: every host is reached straight. */
  readonly proxies?: ProxyChoice | undefined;
  /** How names become addresses; Node's own way where undefined. */
  readonly lookup?: LookupFunction | undefined;
  /** Let redirects among http hosts leave the local network. */
  readonly allowHttp?: boolean | undefined;
}

export interface Transport {
  readonly send: Send;
  /** Ends all connections, at once. */
  readonly close: () => Promise<void>;
}

/** HTTP for everything that talks to the outside: one pool with deadlines, caps, retries and safe redirects. */
export const createTransport = (options: TransportOptions): Transport => {
  const perHost = options.perHost ?? 8;
  const connections = undiciSend({
    perHost,
    connectMs: options.connectMs ?? 10_000,
    answerMs: options.answerMs ?? 60_000,
    stallMs: options.stallMs ?? 30_000,
    ca: options.ca,
    insecure: options.allowInsecure === true,
    identity: options.identity,
    proxies: options.proxies,
    lookup: options.lookup,
  });
  const send = redirectingSend(retryingSend(throttledSend(connections.send, perHost)), {
    allowHttp: options.allowHttp === true,
    isOwn: connections.isOwn,
  });
  // Harbor lets only clients that look like cosign read unsigned images where it enforces signatures.
  const agent = { "user-agent": `cosign/compatible waybill/${options.version}` };
  return {
    send: (ctx, request) => send(ctx, { ...request, headers: { ...agent, ...request.headers } }),
    close: connections.close,
  };
};
