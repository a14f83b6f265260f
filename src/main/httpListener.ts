import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import type { Listen } from "#cli/deps.ts";
import { openListener } from "#net/openListener.ts";
import type { OpenListener } from "#net/openListener.ts";

export interface Listener extends Pick<OpenListener, "close"> {
  /** `http://HOST:PORT`. */
  readonly url: string;
}

/** Answers one request; `address` is that of the other side of the connection. */
export type Handle = (request: Request, facts: { readonly address: string }) => Promise<Response>;

// Who sends a head or a small body slower than this wants the connection, not the answer (slow loris).
const HEAD_MS = 10_000;
const REQUEST_MS = 30_000;
const KEEP_ALIVE_MS = 15_000;
const MAX_HEAD_BYTES = 32 * 1024;
const MAX_CONNECTIONS = 2000;
// Node looks for late heads and bodies every 30 seconds unless told otherwise.
const LOOK_MS = 2000;

/** Serves HTTP/1.1. USAGE_INVALID for an address that is not free or not this machine's. */
export const listenHttp = async (listen: Listen, handle: Handle): Promise<Listener> => {
  // Puts a Response of its own in the place of Node's: one that is a record until somebody asks for more, which makes small
  // answers twice as fast.
  const listener = getRequestListener((request, { incoming }) =>
    handle(request, { address: incoming.socket.remoteAddress ?? "unknown" }),
  );
  const server = createServer(
    { maxHeaderSize: MAX_HEAD_BYTES, connectionsCheckingInterval: LOOK_MS },
    (request, response) => void listener(request, response),
  );
  server.headersTimeout = HEAD_MS;
  server.requestTimeout = REQUEST_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.maxConnections = MAX_CONNECTIONS;
  const { address, close } = await openListener(server, listen);
  return { url: `http://${address}`, close };
};
