import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface TufServer {
  /** Where the repository is: `http://127.0.0.1:PORT/tuf`. */
  readonly mirror: string;
  /** Paths below it that were asked for, in order. */
  readonly asked: string[];
  /** What it gives out; tests change it. */
  files: ReadonlyMap<string, Uint8Array>;
  /** Takes requests and never answers. */
  silent: boolean;
  /** Called before each answer. */
  onRequest: () => void;
  readonly close: () => void;
}

/** A mirror on loopback, and who asked it for what. */
export const startTufServer = async (files: ReadonlyMap<string, Uint8Array>): Promise<TufServer> => {
  const listener = createServer((request, response) => {
    const path = (request.url ?? "").replace(/^\/tuf\//, "");
    server.asked.push(path);
    server.onRequest();
    if (server.silent) return;
    const found = server.files.get(path);
    response.writeHead(found === undefined ? 404 : 200).end(found);
  });
  await new Promise<void>((resolve) => void listener.listen(0, "127.0.0.1", resolve));
  const server: TufServer = {
    mirror: `http://127.0.0.1:${(listener.address() as AddressInfo).port}/tuf`,
    asked: [],
    files,
    silent: false,
    onRequest: () => {},
    close: () => {
      listener.close();
      listener.closeAllConnections();
    },
  };
  return server;
};
