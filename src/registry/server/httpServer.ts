import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Server as TlsServer } from "node:https";
import { openListener } from "#net/openListener.ts";
import type { ListenAddress, OpenListener } from "#net/openListener.ts";
import type { TlsPair } from "#registry/server/tlsFiles.ts";

export interface HttpServer extends OpenListener {
  /** New connections get this certificate. */
  readonly renew: (pair: TlsPair) => void;
}

const MAX_CONNECTIONS = 1000;
const MAX_HEAD_BYTES = 16 * 1024;
// Who takes longer to say what is wanted holds a connection (slow loris); Node looks every 2 seconds.
const HEAD_MS = 10_000;
const LOOK_MS = 2000;
const KEEP_ALIVE_MS = 60_000;

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
  return { ...(await openListener(server, listen)), renew: (next) => tls?.setSecureContext(next) };
};

const limit = (server: Server | TlsServer): void => {
  server.headersTimeout = HEAD_MS;
  // A layer may take longer than any fixed time; silence and a slow pace are what end an upload.
  server.requestTimeout = 0;
  server.timeout = SILENCE_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.maxConnections = MAX_CONNECTIONS;
};
