import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTransport } from "#net/transport.ts";
import { directoryTufSource } from "#sigstore/tuf/directoryTufSource.ts";
import { httpTufSource } from "#sigstore/tuf/httpTufSource.ts";
import type { TufSource } from "#sigstore/tuf/tufSource.ts";
import { testCtx } from "../../../test/fakes/testCtx.ts";

const FILES: Readonly<Record<string, string>> = { "timestamp.json": "time", "targets/a.json": "target" };

let server: Server;
let base: string;
let directory: string;
const transport = createTransport({ version: "0" });

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "waybill-tuf-"));
  for (const [path, text] of Object.entries(FILES)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
  server = createServer((request, response) => {
    const path = (request.url ?? "").replace(/^\/below\//, "");
    const [status, text = ""] = /^say-(\d+)/.exec(path) ? [Number(path.slice(4, 7))] : answer(path);
    response.writeHead(status).end(text);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

const answer = (path: string): readonly [number, string?] => {
  if (path === "2.root.json") return [403];
  return FILES[path] === undefined ? [404] : [200, FILES[path]];
};

afterAll(async () => {
  server.close();
  await transport.close();
});

const overHttp = (path = "/below"): TufSource => httpTufSource(transport.send, new URL(path, base));
const text = async (source: TufSource, path: string, cap = 100): Promise<string | undefined> => {
  const bytes = await source.get(testCtx(), path, cap);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString();
};

describe.each([
  ["HTTP", () => overHttp()],
  ["a directory", () => directoryTufSource(directory)],
])("a mirror by %s", (_kind, open) => {
  it("gives files, and undefined for what is not there", async () => {
    expect(await text(open(), "timestamp.json")).toBe("time");
    expect(await text(open(), "targets/a.json")).toBe("target");
    expect(await text(open(), "1.root.json")).toBeUndefined();
    expect(await text(open(), "timestamp.json/more")).toBeUndefined();
  });

  it("gives a file of exactly the cap, and no byte more", async () => {
    expect(await text(open(), "timestamp.json", 4)).toBe("time");
    await expect(text(open(), "timestamp.json", 3)).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
  });

  it("ends when it is told to", async () => {
    const ctx = testCtx({ signal: AbortSignal.abort() });
    await expect(open().get(ctx, "timestamp.json", 100)).rejects.toThrow(/abort|interrupt/i);
  });
});

describe("a mirror by HTTP", () => {
  it("is the same with and without a slash at its end", async () => {
    expect(await text(overHttp("/below/"), "timestamp.json")).toBe("time");
    expect(overHttp("/below").name).toBe(overHttp("/below/").name);
  });

  it("takes 403 for the end of the roots, and for nothing else", async () => {
    expect(await text(overHttp(), "2.root.json")).toBeUndefined();
    await expect(text(overHttp(), "say-403.json")).rejects.toMatchObject({ code: "REGISTRY_REFUSED" });
  });

  it.each([
    [401, "REGISTRY_REFUSED"],
    [501, "REGISTRY_UNAVAILABLE"],
  ])("takes %d for no absence", async (status, code) => {
    await expect(text(overHttp(), `say-${status}`)).rejects.toMatchObject({ code });
  });
});

describe("a mirror in a directory", () => {
  it("waits for no pipe and reads no directory", async () => {
    execFileSync("mkfifo", [join(directory, "1.snapshot.json")]);
    const source = directoryTufSource(directory);
    await expect(text(source, "1.snapshot.json")).rejects.toMatchObject({ code: "TRUST_INVALID" });
    await expect(text(source, "targets")).rejects.toMatchObject({ code: "TRUST_INVALID" });
  });
});
