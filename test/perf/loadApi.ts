import { fail } from "node:assert/strict";
import { connect } from "node:net";

// A process of its own: `node loadApi.ts URL PATH TOKEN CONNECTIONS REQUESTS` asks the same thing again and again over
// connections that stay, and prints how that went as JSON. Plain sockets, since a client that parses costs more than the
// server under test and would be measured instead of it.

const [, , url = "", path = "", token = "", connections = "1", requests = "1"] = process.argv;
const { hostname, port } = new URL(url);
const REQUEST = Buffer.from(
  `GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer ${token}\r\nAccept: */*\r\n\r\n`,
);
const OK = "HTTP/1.1 200 ";
const END = "\r\n\r\n";

const times: number[] = [];
let left = Number(requests);

/** Asks until no request is left; resolves when the last answer is there. */
const ask = (): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    let begun = 0;
    let missing = 0;
    const next = (): void => {
      if (left-- <= 0) {
        socket.destroy();
        resolve();
        return;
      }
      begun = performance.now();
      missing = 0;
      socket.write(REQUEST);
    };
    socket.on("connect", next);
    socket.on("error", (error) => fail(`${path}: ${error.message}`));
    socket.on("data", (chunk: Buffer) => {
      if (missing === 0) missing = sizeOf(chunk);
      missing -= chunk.length;
      if (missing > 0) return;
      times.push(performance.now() - begun);
      next();
    });
  });

/** Bytes of the answer that begins here. Servers write a head in one piece. */
const sizeOf = (chunk: Buffer): number => {
  const head = chunk.toString("latin1", 0, 2048);
  const end = head.indexOf(END);
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(head)?.[1];
  if (!head.startsWith(OK) || end === -1 || length === undefined) return fail(`${path}: ${head}`);
  return end + END.length + Number(length);
};

const start = performance.now();
await Promise.all(Array.from({ length: Number(connections) }, ask));
const seconds = (performance.now() - start) / 1000;
times.sort((a, b) => a - b);
const quantile = (part: number): number => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0;
const result = { perSecond: times.length / seconds, p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) };
process.stdout.write(`${JSON.stringify(result)}\n`);
