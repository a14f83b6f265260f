import { createServer, request as forward } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import type { Socket } from "node:net";

export interface ForwardProxy {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** `CONNECT host:port` and `GET http://host:port/path`, with the Proxy-Authorization that came along. */
  readonly seen: { readonly line: string; readonly authorization: string | undefined }[];
  /** Answers everything with this status. */
  refuse: number | undefined;
  readonly close: () => Promise<void>;
}

/** A proxy for HTTP, with tunnels. Names that only it knows lead to ports of loopback. */
export const startForwardProxy = async (names: Readonly<Record<string, number>> = {}): Promise<ForwardProxy> => {
  const sockets = new Set<Socket>();
  const placeOf = (host: string, port: number) => ({
    host: names[host] === undefined ? host : "127.0.0.1",
    port: names[host] ?? port,
  });
  const server = createServer((request, response) => {
    proxy.seen.push({
      line: `${request.method} ${request.url}`,
      authorization: request.headers["proxy-authorization"],
    });
    if (proxy.refuse !== undefined) return void response.writeHead(proxy.refuse).end();
    const url = new URL(request.url ?? "");
    const { "proxy-authorization": _, ...headers } = request.headers;
    const place = placeOf(url.hostname, Number(url.port || 80));
    const passed = forward({ ...place, method: request.method, path: url.pathname + url.search, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    passed.on("error", () => response.destroy());
    return void request.pipe(passed);
  });
  server.on("connection", (socket) => sockets.add(socket));
  server.on("connect", (request, socket: Socket, head) => {
    proxy.seen.push({ line: `CONNECT ${request.url}`, authorization: request.headers["proxy-authorization"] });
    socket.on("error", () => undefined);
    if (proxy.refuse !== undefined) return void socket.end(`HTTP/1.1 ${proxy.refuse} No\r\ncontent-length: 0\r\n\r\n`);
    const { hostname, port } = new URL(`http://${request.url}`);
    const there = connect(placeOf(hostname, Number(port || 80)));
    sockets.add(there);
    there.on("connect", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      there.write(head);
      there.pipe(socket).pipe(there);
    });
    return void there.on("error", () => socket.end("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy: ForwardProxy = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen: [],
    refuse: undefined,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
  return proxy;
};
