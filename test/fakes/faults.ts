import { gzipSync } from "node:zlib";
import type { Fault, FaultyCall, Truth } from "./faultProxy.ts";

/** An answer as bytes: what it says of its length is up to its headers. */
const head = (status: number, headers: readonly (readonly [string, string])[]): string =>
  `HTTP/1.1 ${status} Said\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;

const headersOf = ({ headers }: Truth, ...without: readonly string[]): (readonly [string, string])[] =>
  Object.entries(headers).filter(([name]) => !without.includes(name));

const bodyOf = ({ request }: FaultyCall, { body }: Truth): Buffer =>
  request.method === "HEAD" ? Buffer.alloc(0) : body;

/** Says the truth, changed. */
const changed =
  (
    change: (truth: Truth) => { readonly headers: readonly (readonly [string, string])[]; readonly body: Buffer },
  ): Fault =>
  async (call) => {
    const truth = await call.ask();
    const { headers, body } = change(truth);
    const isHead = call.request.method === "HEAD";
    call.socket.end(Buffer.concat([Buffer.from(head(truth.status, headers)), isHead ? Buffer.alloc(0) : body]));
  };

/** Says half of the truth, and then closes the connection or says nothing more. */
const begun = async (call: FaultyCall, closes: boolean): Promise<void> => {
  const truth = await call.ask();
  const body = bodyOf(call, truth);
  const length = call.request.method === "HEAD" ? [] : ([["content-length", `${Math.max(1, body.length)}`]] as const);
  const headers = [...headersOf(truth, "content-length"), ...length];
  call.socket.write(Buffer.concat([Buffer.from(head(truth.status, headers)), body.subarray(0, body.length / 2)]));
  if (closes) call.socket.end();
};

const canned =
  (status: number, headers: readonly (readonly [string, string])[], body: string): Fault =>
  async ({ socket, request }) => {
    const all = [...headers, ["content-length", `${body.length}`] as const, ["connection", "close"] as const];
    socket.end(head(status, all) + (request.method === "HEAD" ? "" : body));
  };

const lengthened = (by: number): Fault =>
  changed((truth) => ({
    headers: [...headersOf(truth, "content-length"), ["content-length", `${Math.max(0, truth.body.length + by)}`]],
    body: truth.body,
  }));

const doubled = (name: string, value: string): Fault =>
  changed((truth) => ({
    headers: [...headersOf(truth, name), [name, truth.headers[name] ?? value], [name, value]],
    body: truth.body,
  }));

const flooded =
  (start: string, piece: string): Fault =>
  async ({ socket, request }) => {
    // An answer without a body has no end to miss.
    if (request.method === "HEAD" && piece.startsWith(" ")) return "pass";
    socket.write(start);
    const pour = (): void => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.on("drain", pour);
    pour();
    return undefined;
  };

const HTML = "<html><body>Please log in</body></html>";
const PAGE = [["content-type", "text/html; charset=utf-8"]] as const;
const ELSEWHERE = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

/** Everything that may go wrong between a client and a registry, in words for people. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  "no fault": async () => "pass",
  "never answers": async () => undefined,
  "drips a byte at a time": async (call) => {
    const truth = await call.ask();
    const bytes = Buffer.from(head(truth.status, headersOf(truth)) + "x".repeat(4000));
    let at = 0;
    const drip = setInterval(() => call.socket.write(bytes.subarray(at, ++at)), 40);
    call.socket.on("close", () => clearInterval(drip));
  },
  "closes before an answer": async ({ socket }) => void socket.destroy(),
  "closes within the headers": async ({ socket }) => void socket.end("HTTP/1.1 200 OK\r\ncontent-"),
  "closes within the body": async (call) => begun(call, true),
  "closes within the body, once": async (call) => (call.before === 0 ? begun(call, true) : "pass"),
  "stalls within the body": async (call) => begun(call, false),
  "stalls within the body, once": async (call) => (call.before === 0 ? begun(call, false) : "pass"),
  "cuts a body that announced no length": async (call) => {
    const truth = await call.ask();
    const body = bodyOf(call, truth);
    const start = head(truth.status, [...headersOf(truth, "content-length"), ["connection", "close"]]);
    call.socket.end(Buffer.concat([Buffer.from(start), body.subarray(0, body.length / 2)]));
  },
  "announces more bytes": lengthened(7),
  "announces fewer bytes": lengthened(-7),
  "names another digest": changed((truth) => ({
    headers: [...headersOf(truth, "docker-content-digest"), ["docker-content-digest", ELSEWHERE]],
    body: truth.body,
  })),
  "redirects to a link-local address": canned(307, [["location", "http://169.254.169.254/latest/"]], ""),
  "redirects to plain http elsewhere": canned(307, [["location", "http://registry.example/"]], ""),
  "redirects in a loop": async (call) => canned(307, [["location", call.request.url ?? "/"]], "")(call),
  "a page for people, 200": canned(200, PAGE, HTML),
  "nothing, 204": canned(204, [], ""),
  "pages in a loop": changed((truth) => ({
    headers: [...headersOf(truth), ["link", '<?n=1>; rel="next"']],
    body: truth.body,
  })),
  "headers without an end": flooded("HTTP/1.1 200 OK\r\n", `x-more: ${"y".repeat(1000)}\r\n`),
  "a body without an end": flooded(
    "HTTP/1.1 200 OK\r\ncontent-type: application/vnd.oci.image.manifest.v1+json\r\n\r\n",
    " ".repeat(64 * 1024),
  ),
  "429 for ever": canned(429, [["retry-after", "1"]], "{}"),
  "429 twice": async (call) => (call.before < 2 ? canned(429, [["retry-after", "1"]], "{}")(call) : "pass"),
  "500 for ever": canned(500, [], "{}"),
  "503 twice": async (call) => (call.before < 2 ? canned(503, [], "{}")(call) : "pass"),
  "closes each connection after its answer, unannounced": changed((truth) => ({
    headers: headersOf(truth),
    body: truth.body,
  })),
  "another content type": changed((truth) => ({
    headers: [...headersOf(truth, "content-type"), ["content-type", "text/plain"]],
    body: truth.body,
  })),
  "gzip unasked": changed((truth) => {
    const body = gzipSync(truth.body);
    const kept = headersOf(truth, "content-length", "content-encoding");
    return { headers: [...kept, ["content-encoding", "gzip"], ["content-length", `${body.length}`]], body };
  }),
  "two lengths": doubled("content-length", "1"),
  "two digests": doubled("docker-content-digest", ELSEWHERE),
  "two content types": doubled("content-type", "text/plain"),
  "no HTTP": async ({ socket }) => void socket.end("SSH-2.0-OpenSSH_9.9\r\n"),
  "103 before its answer": async (call) => {
    call.socket.write("HTTP/1.1 103 Early Hints\r\nlink: </>; rel=preload\r\n\r\n");
    return changed((truth) => ({ headers: headersOf(truth), body: truth.body }))(call);
  },
};
