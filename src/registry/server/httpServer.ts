import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Server as TlsServer } from "node:https";
import { isIPv6 } from "node:net";
import type { AddressInfo } from "node:net";
import { WaybillError } from "#core/errors.ts";
import type { TlsPair } from "#registry/server/tlsFiles.ts";

/** An address to listen on; port 0 takes a free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export interface HttpServer {
  /** `HOST:PORT` */
  readonly address: string;
  /** New connections get this certificate. */
  readonly renew: (pair: TlsPair) => void;
  /** Lets requests under way end, for at most `graceMs`. */
  readonly close: (graceMs: number) => Promise<void>;
}

const MAX_CONNECTIONS = 1000;
const MAX_HEAD_BYTES = 16 * 1024;
// Who takes longer to say what is wanted holds a connection (slow loris); Node looks every 2 seconds.
const HEAD_MS = 10_000;
const LOOK_MS = 2000;
const KEEP_ALIVE_MS = 60_000;
const SWEEP_MS = 100;

/** A socket on which nothing moves for so long, while it is the client's turn, belongs to one that is gone. */
export const SILENCE_MS = 60_000;

/** Serves HTTP/1.1, over TLS where a pair is given. USAGE_INVALID for an address that is not free. */
export const listenHttp = async (
  listen: ListenAddress,
  pair: TlsPair | undefined,
  answer: RequestListener,
): Promise<HttpServer> => {
  const options = { maxHeaderSize: MAX_HEAD_BYTES, connectionsCheckingInterval: LOOK_MS };
  const tls = pair && createTlsServer({ ...options, ...pair, handshakeTimeout: HEAD_MS }, answer);
  const server = tls ?? createServer(options, answer);
  limit(server);
  await open(server, listen);
  const { port } = server.address() as AddressInfo;
  return {
    address: `${isIPv6(listen.host) ? `[${listen.host}]` : listen.host}:${port}`,
    renew: (next) => tls?.setSecureContext(next),
    close: (graceMs) => close(server, graceMs),
  };
};

const limit = (server: Server | TlsServer): void => {
  server.headersTimeout = HEAD_MS;
  // A layer may take longer than any fixed time; silence and a slow pace are what end an upload.
  server.requestTimeout = 0;
  server.timeout = SILENCE_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.maxConnections = MAX_CONNECTIONS;
};

const open = (server: Server, { host, port }: ListenAddress): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const hint = "Another program uses this port; name another one, or port 0 for a free one.";
      reject(new WaybillError("USAGE_INVALID", `cannot listen on ${host}:${port}: ${cause.code}`, { hint, cause }));
    });
    server.listen(port, host, resolve);
  });

const close = (server: Server, graceMs: number): Promise<void> =>
  new Promise((resolve) => {
    const late = setTimeout(() => server.closeAllConnections(), graceMs);
    // A connection whose last request ends now would wait for the next one until it times out.
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
    server.close(() => {
      clearTimeout(late);
      clearInterval(sweep);
      resolve();
    });
    server.closeIdleConnections();
  });
