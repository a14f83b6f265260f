import type { Server } from "node:http";
import { Server as TlsServer } from "node:https";
import { isIPv6 } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { WaybillError } from "#core/errors.ts";

/** An address to listen on; port 0 takes a free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** An HTTP server that takes connections. */
export interface OpenListener {
  /** `HOST:PORT`, with the port that it has; an IPv6 address in brackets. */
  readonly address: string;
  /** Takes no new connections and lets requests under way end, for at most `graceMs`. */
  readonly close: (graceMs: number) => Promise<void>;
}

const SWEEP_MS = 100;

/** Lets a server listen. USAGE_INVALID for an address that is not free or not this machine's. */
export const openListener = async (server: Server | TlsServer, listen: ListenAddress): Promise<OpenListener> => {
  const connections = watchConnections(server);
  await open(server, listen);
  const { port } = server.address() as AddressInfo;
  return {
    address: `${isIPv6(listen.host) ? `[${listen.host}]` : listen.host}:${port}`,
    close: (graceMs) => close(server, connections, graceMs),
  };
};

/** Of TLS, connections count once the handshake is done: only then what the client has said is counted. */
const eventOf = (server: Server | TlsServer): "connection" | "secureConnection" =>
  server instanceof TlsServer ? "secureConnection" : "connection";

const watchConnections = (server: Server | TlsServer): ReadonlySet<Socket> => {
  const connections = new Set<Socket>();
  server.on(eventOf(server), (socket: Socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
  return connections;
};

const open = (server: Server | TlsServer, { host, port }: ListenAddress): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const hint = "Name another address; port 0 takes a free port.";
      reject(
        new WaybillError("USAGE_INVALID", `cannot listen on ${host}:${port}: ${cause.code ?? ""}`, { cause, hint }),
      );
    });
    server.listen(port, host, resolve);
  });

const close = (server: Server | TlsServer, connections: ReadonlySet<Socket>, graceMs: number): Promise<void> =>
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
    // A handshake that was under way.
    server.on(eventOf(server), (socket: Socket) => socket.destroy());
  });
