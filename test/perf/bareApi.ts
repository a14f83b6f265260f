import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";

// A process of its own: `node bareApi.ts FILE` answers the paths of FILE, `[{path, type, body}]`, with these bytes and does
// nothing else: the least that the same server and framework cost.

interface Answer {
  readonly path: string;
  readonly type: string;
  /** base64 */
  readonly body: string;
}

const app = new Hono();
for (const { path, type, body } of JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as readonly Answer[]) {
  const bytes = new Uint8Array(Buffer.from(body, "base64"));
  app.get(path, () => new Response(bytes, { headers: { "Content-Type": type } }));
}
const listener = getRequestListener((request) => app.fetch(request));
const server = createServer((request, response) => void listener(request, response));
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
