import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** What the registry really said. */
export interface Truth {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface FaultyCall {
  readonly request: IncomingMessage;
  /** For bytes in the answer's place; it is closed in the end. */
  readonly socket: Socket;
  /** Asks the registry. */
  readonly ask: () => Promise<Truth>;
  /** How often this fault was asked for before. */
  readonly before: number;
}

/** Undefined: the truth goes on to the client after all. */
export type Fault = (call: FaultyCall) => Promise<void | "pass">;

export interface FaultProxy {
  readonly host: string;
  /** Every `METHOD /path` that matches gets the fault. */
  readonly set: (matches: RegExp, fault: Fault) => void;
  readonly close: () => Promise<void>;
}

/** Stands between a client and a registry at `origin`, and spoils what it is told to. */
export const startFaultProxy = async (origin: string): Promise<FaultProxy> => {
  let matches = /^never$/;
  let fault: Fault = async () => "pass";
  let before = 0;
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const ask = () => forward(origin, request, Buffer.concat(chunks));
      const isMeant = matches.test(`${request.method} ${request.url}`);
      const socket = request.socket;
      if (isMeant && (await fault({ request, socket, ask, before: before++ })) !== "pass") return;
      const { status, headers, body } = await ask();
      response.writeHead(status, headers).end(request.method === "HEAD" ? undefined : body);
    })().catch(() => request.socket.destroy());
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    set: (wanted, made) => {
      matches = wanted;
      fault = made;
      before = 0;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
};

const HOP_BY_HOP = /^(?:connection|keep-alive|transfer-encoding|host|content-length|expect|accept-encoding)$/;

const forward = async (origin: string, request: IncomingMessage, bytes: Buffer): Promise<Truth> => {
  const kept = Object.entries(request.headers).filter(([name]) => !HOP_BY_HOP.test(name));
  const answer = await fetch(origin + (request.url ?? "/"), {
    method: request.method ?? "GET",
    headers: Object.fromEntries(kept.map(([name, value]) => [name, String(value)])),
    redirect: "manual",
    ...(bytes.length === 0 ? {} : { body: new Uint8Array(bytes) }),
  });
  const body = Buffer.from(await answer.arrayBuffer());
  const headers = Object.fromEntries(
    [...answer.headers].filter(([name]) => !/^(?:connection|keep-alive|transfer-encoding)$/.test(name)),
  );
  return { status: answer.status, headers, body };
};
