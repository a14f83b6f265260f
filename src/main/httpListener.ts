import { createServer } from "node:http";
import type { Server } from "node:http";
import { isIPv6 } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Listen } from "#cli/deps.ts";
import { WaybillError } from "#core/errors.ts";

export interface Listener {
  /** `http://HOST:PORT`. */
  readonly url: string;
  /** Takes no new connections and lets requests under way end, for at most `graceMs`. */
  readonly close: (graceMs: number) => Promise<void>;
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
const SWEEP_MS = 100;

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
  const connections = watchConnections(server);
  await open(server, listen);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${isIPv6(listen.host) ? `[${listen.host}]` : listen.host}:${port}`,
    close: (graceMs) => close(server, connections, graceMs),
  };
};

const watchConnections = (server: Server): ReadonlySet<Socket> => {
  const connections = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
  return connections;
};

const open = (server: Server, { host, port }: Listen): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const hint = "Name another address; port 0 takes a free port.";
      reject(
        new WaybillError("USAGE_INVALID", `cannot listen on ${host}:${port}: ${cause.code ?? ""}`, { cause, hint }),
      );
    });
    server.listen(port, host, resolve);
  });

const close = (server: Server, connections: ReadonlySet<Socket>, graceMs: number): Promise<void> =>
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
    // Those that asked nothing yet, such as browsers open in advance, are not idle for Node.
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
  });
