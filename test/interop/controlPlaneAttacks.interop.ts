import { createHmac, randomBytes } from "node:crypto";
import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startControlPlane } from "./controlPlane.ts";
import type { ControlPlane } from "./controlPlane.ts";
import { callApi } from "./controlPlaneApi.ts";
import { talkRaw } from "./rawSocket.ts";
import { waybillDone } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";

// What somebody on the network may try, over the socket itself: no client of ours smooths the bytes.

const DIGEST = `sha256:${"5".repeat(64)}`;
const BUILD = "/v1/apps/target/builds/build-1";

const workspace = openWorkspace();
let plane: ControlPlane;
let bait: Server;
let baitPort: number;
const visits: string[] = [];

beforeAll(async () => {
  bait = createServer((socket) => {
    visits.push(String(socket.remotePort));
    socket.destroy();
  });
  await new Promise<void>((resolve) => void bait.listen(0, "127.0.0.1", resolve));
  baitPort = (bait.address() as AddressInfo).port;
  await waybillDone(["generate-key-pair", "--output-key-prefix", workspace.path("service")], { env: workspace.env });
  plane = await startControlPlane(workspace, {
    data: "attacked",
    // Nothing listens on port 1: whatever is allowed fails, and whatever is not allowed must not be tried.
    args: ["--key", workspace.path("service.key"), "--settle", "0s", "--repositories", "127.0.0.1:1/builds/**"],
  });
  await callApi(plane, "/v1/apps/target/builds", { build_id: "build-1" });
});

afterAll(async () => {
  await plane[Symbol.asyncDispose]();
  bait.close();
  workspace[Symbol.dispose]();
});

const head = (line: string, ...headers: readonly string[]): string =>
  [`${line} HTTP/1.1`, "Host: waybill", `Authorization: Bearer ${plane.token}`, ...headers, "", ""].join("\r\n");

const isAlive = async (): Promise<boolean> =>
  (await fetch(`${plane.url}/healthz`)).status === 200 && (await callApi(plane, BUILD)).status === 200;

/** Every answer is one of the client's faults, and nothing was answered that was hidden in a body. */
const expectRefused = (answer: { readonly statuses: readonly number[]; readonly closed: boolean }): void => {
  expect(answer.statuses.filter((status) => status < 400 || status >= 500)).toEqual([]);
  expect(answer.statuses.length > 0 || answer.closed).toBe(true);
};

describe("the connection", () => {
  it("hangs up on a head that drips", { timeout: 40_000 }, async () => {
    const drip = (socket: Socket): void => {
      socket.write("GET /v1/apps HTTP/1.1\r\nHost: waybill\r\n");
      const timer = setInterval(() => socket.write("X-Drip: 1\r\n"), 500);
      socket.on("close", () => clearInterval(timer));
    };
    const all = await Promise.all(Array.from({ length: 50 }, () => talkRaw(plane.url, drip, 35_000)));
    for (const answer of all) {
      expect(answer.closed).toBe(true);
      expectRefused(answer);
    }
    expect(await isAlive()).toBe(true);
  });

  it("waits for no body that drips", { timeout: 40_000 }, async () => {
    const drip = (socket: Socket): void => {
      socket.write(head("POST /v1/apps/target/builds", "Content-Type: application/json", "Content-Length: 100000"));
      const timer = setInterval(() => socket.write(" "), 500);
      socket.on("close", () => clearInterval(timer));
    };
    const answer = await talkRaw(plane.url, drip, 35_000);
    expect(answer.closed).toBe(true);
    expectRefused(answer);
    expect(await isAlive()).toBe(true);
  });

  it("answers others while a thousand connections say nothing", { timeout: 30_000 }, async () => {
    const { hostname, port } = new URL(plane.url);
    const silent = Array.from({ length: 1000 }, () => connect(Number(port), hostname).on("error", () => undefined));
    await sleep(500);
    expect(await isAlive()).toBe(true);
    for (const socket of silent) socket.destroy();
  });

  it("refuses a head beyond its size", async () => {
    expectRefused(await talkRaw(plane.url, head("GET /v1/apps", `X-Long: ${"a".repeat(64 * 1024)}`)));
    expectRefused(await talkRaw(plane.url, head(`GET /v1/apps?q=${"a".repeat(64 * 1024)}`)));
    expect(await isAlive()).toBe(true);
  });

  it.each(["declared", "chunked"] as const)("refuses a %s body beyond its size", async (kind) => {
    const length = kind === "declared" ? "Content-Length: 10000000" : "Transfer-Encoding: chunked";
    const filler = "a".repeat(64 * 1024);
    const piece = kind === "declared" ? filler : `${(64 * 1024).toString(16)}\r\n${filler}\r\n`;
    const send = (socket: Socket): void => {
      socket.write(head("POST /v1/apps/target/builds", "Content-Type: application/json", length));
      for (let sent = 0; sent < 100; sent++) socket.write(piece);
    };
    const answer = await talkRaw(plane.url, send, 10_000);
    expect(answer.statuses).toEqual([413]);
    expect(answer.text).toContain('"code":"body-too-large"');
    expect(await isAlive()).toBe(true);
  });
});

describe("the bytes of a request", () => {
  const hidden = (token: string): string =>
    `POST /v1/apps/smuggled/builds HTTP/1.1\r\nHost: waybill\r\nAuthorization: Bearer ${token}\r\n` +
    'Content-Type: application/json\r\nContent-Length: 18\r\n\r\n{"build_id":"abc"}';

  it.each([
    ["two lengths", "Content-Length: 5\r\nContent-Length: 6"],
    ["two lengths in one", "Content-Length: 5, 6"],
    ["a length with a sign", "Content-Length: +5"],
    ["a negative length", "Content-Length: -1"],
    ["a length and chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked"],
    ["chunks and a length", "Transfer-Encoding: chunked\r\nContent-Length: 5"],
    ["an unknown coding", "Transfer-Encoding: xchunked"],
    ["chunks that are not last", "Transfer-Encoding: chunked, identity"],
    ["a space before the colon", "Transfer-Encoding : chunked"],
    ["a folded header", "Transfer-Encoding:\r\n chunked"],
    ["a bare line feed", "X-One: 1\nTransfer-Encoding: chunked"],
    ["a bare carriage return", "X-One: 1\rTransfer-Encoding: chunked"],
    ["a NUL", "X-One: a\0b"],
    ["a name that is none", "X One: 1"],
    ["a second host", "Host: other"],
  ])("smuggles nothing past %s", async (_, headers) => {
    const body = `0\r\n\r\n${hidden(plane.token)}`;
    const type = "Content-Type: application/json";
    const answer = await talkRaw(plane.url, head("POST /v1/apps/target/builds", type, headers) + body, 2000);
    expect(answer.statuses.filter((status) => status < 400 || status >= 500)).toEqual([]);
    expect(answer.statuses.length).toBeLessThanOrEqual(1);
    expect((await callApi(plane, "/v1/apps/smuggled/builds/abc")).status).toBe(404);
  });

  it("takes no chunk whose size is none", async () => {
    const request = head("POST /v1/apps/target/builds", "Content-Type: application/json", "Transfer-Encoding: chunked");
    for (const body of ["zz\r\nab\r\n", "-1\r\n", "5;\nab\r\n0\r\n\r\n", "ffffffffffffffffff\r\n"])
      expectRefused(await talkRaw(plane.url, request + body, 2000));
    expect(await isAlive()).toBe(true);
  });

  it.each([
    "/v1/apps/%2e%2e/%2e%2e/etc/passwd",
    "/v1/apps/..%2f..%2fetc%2fpasswd/builds",
    "/v1/apps/target/builds/build-1/..;/..;/tokens",
    "/v1/apps/target/builds/%2e%2e%2f%2e%2e%2ftokens",
    "/v1/apps/target%2fbuilds%2fbuild-1",
    "/v1/apps/target/builds/build-1%00.json",
    "/v1/apps/target/builds/build-1%0d%0aX-Injected:%201",
    "/v1/apps/target/builds/..%5c..%5cwindows",
    "/v1/apps/%c0%ae%c0%ae/builds/x",
    "/v1/apps/%ff/builds/%zz",
    "/v1/apps/target/builds/%",
    "//v1//apps//target",
    "/v1/../../etc/passwd",
    "/v1/images/sha256:..%2f..%2f/packages",
    "http://169.254.169.254/latest/meta-data/",
    "*",
  ])("finds nothing at %s", async (target) => {
    const answer = await talkRaw(plane.url, head(`GET ${target}`, "Connection: close"));
    expect(answer.statuses).toHaveLength(1);
    expect([400, 404, 405]).toContain(answer.statuses[0]);
    expect(answer.text).not.toMatch(/root:|^X-Injected/im);
  });

  it("gives no header back that somebody sent", async () => {
    const id = `X-Request-Id: a\tb"><script>`;
    const answer = await talkRaw(plane.url, head(`GET ${BUILD}`, id, "Connection: close"));
    expect(answer.statuses).toEqual([200]);
    expect(answer.text).not.toContain("script");
    const location = `X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\nX-Original-URL: /v1/tokens`;
    const same = await talkRaw(plane.url, head(`GET ${BUILD}`, location, "Connection: close"));
    expect(same.text).toContain('"build_id":"build-1"');
    expect(same.text).not.toContain("evil.example");
  });

  it.each(["evil.example", "127.0.0.1:1@evil.example", "[::1", "a b", "%00", "", "x".repeat(5000), "é", "a/../b?x#y"])(
    "does not mind the host %#",
    async (host) => {
      const request = `GET ${BUILD} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${plane.token}\r\nConnection: close\r\n\r\n`;
      const answer = await talkRaw(plane.url, request);
      expect([200, 400]).toContain(answer.statuses[0]);
      expect(answer.text).not.toContain("evil.example");
      expect(await isAlive()).toBe(true);
    },
  );

  it.each(["TRACE", "CONNECT", "PROPFIND", "OPTIONS", "PATCH", "QUERY"])("refuses the method %s", async (method) => {
    const target = method === "CONNECT" ? "169.254.169.254:80" : BUILD;
    const answer = await talkRaw(plane.url, head(`${method} ${target}`, "Connection: close"));
    expectRefused(answer);
    expect(answer.closed).toBe(true);
    expect(await isAlive()).toBe(true);
  });

  it("upgrades to nothing", async () => {
    const upgrade = ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"];
    const answer = await talkRaw(plane.url, head(`GET ${BUILD}`, ...upgrade), 1000);
    expect(answer.statuses).not.toContain(101);
    expectRefused(await talkRaw(plane.url, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 1000));
  });
});

describe("the names of images", () => {
  it.each([
    "169.254.169.254/x",
    "169.254.169.254:80/latest/meta-data",
    "[fe80::1]/x",
    "[::ffff:169.254.169.254]/x",
    "[::1]:BAIT/builds/x",
    "2852039166/x",
    "0xa9fea9fe/x",
    "metadata.google.internal/x",
    "127.0.0.1:BAIT/builds/x",
    "localhost:BAIT/builds/x",
    "127.1:BAIT/builds/x",
    "0.0.0.0:BAIT/builds/x",
    "2130706433:BAIT/builds/x",
    "127.0.0.1:1@127.0.0.1:BAIT/builds/x",
    "127.0.0.1:1/builds/../../../x",
    "127.0.0.1:1/other/x",
    "127.0.0.1:BAIT/127.0.0.1:1/builds/x",
    "http://127.0.0.1:BAIT/builds/x",
    "file:///etc/passwd",
    "oci:/etc",
    "oci:../../x",
  ])("speaks to nobody for %s", async (name) => {
    const image = `${name.replace("BAIT", String(baitPort))}@${DIGEST}`;
    const answer = await callApi(plane, `${BUILD}/issue`, { image });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(JSON.parse((await callApi(plane, BUILD)).text)).toMatchObject({ image: null, state: "pending" });
    expect(visits).toEqual([]);
  });
});

describe("tokens", () => {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = part({
    iss: "https://issuer.example",
    sub: "x",
    aud: "waybill",
    roles: ["operator"],
    exp: 9999999999,
  });
  const signed = `${part({ alg: "HS256", typ: "at+jwt" })}.${claims}`;
  const mac = createHmac("sha256", "secret").update(signed).digest("base64url");

  it.each([
    ["none", `${part({ alg: "none" })}.${claims}.`],
    ["HS256", `${signed}.${mac}`],
    ["a key id that is a path", `${part({ alg: "RS256", kid: "../../etc/passwd" })}.${claims}.AAAA`],
    ["a key of its own", `${part({ alg: "RS256", jwk: { kty: "RSA", n: "AQAB", e: "AQAB" } })}.${claims}.AAAA`],
    ["a key from elsewhere", `${part({ alg: "RS256", jku: "http://169.254.169.254/" })}.${claims}.AAAA`],
    ["three dots", "..."],
    ["a made-up token", `wbt_${randomBytes(32).toString("base64url")}`],
    ["the prefix alone", "wbt_"],
    ["a long one", "a".repeat(8000)],
    ["no words", ""],
  ])("refuses %s", async (_, token) => {
    for (const path of [BUILD, "/v1/tokens", "/v1/audit"]) {
      const answer = await callApi({ url: plane.url, token }, path);
      expect([answer.status, JSON.parse(answer.text)]).toMatchObject([401, { code: "token-invalid" }]);
      expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer /);
    }
  });

  it("takes the token from the header alone, and knows no cookies", async () => {
    const query = await fetch(`${plane.url}${BUILD}?access_token=${plane.token}&token=${plane.token}`);
    const cookie = await fetch(`${plane.url}${BUILD}`, { headers: { cookie: `token=${plane.token}` } });
    const basic = Buffer.from(`x:${plane.token}`).toString("base64");
    const other = await fetch(`${plane.url}${BUILD}`, { headers: { authorization: `Basic ${basic}` } });
    expect([query.status, cookie.status, other.status]).toEqual([401, 401, 401]);
    const own = await callApi(plane, BUILD);
    expect(own.headers.get("set-cookie")).toBeNull();
    expect(own.headers.get("access-control-allow-origin")).toBeNull();
  });

  it("writes no token into its log", () => {
    expect(plane.said()).not.toContain(plane.token);
    expect(plane.said()).not.toContain("wbt_");
  });
});
