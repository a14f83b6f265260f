import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { digestHex, digestOf } from "#core/digest.ts";
import { benchRegistry, imageOf, MANIFEST_HEADERS } from "../../../test/fakes/registryBench.ts";

const bench = benchRegistry();
const { call, pushImage } = bench;

describe("the directory", () => {
  it("keeps repositories apart whose names are those of a layout's own files", async () => {
    await pushImage("nest", "t", { annotations: { in: "nest" } });
    for (const name of ["nest/blobs", "nest/blobs/sha256", "nest/index.json", "nest/oci-layout"])
      await pushImage(name, "t", { annotations: { in: name } });
    for (const name of ["nest", "nest/blobs", "nest/blobs/sha256", "nest/index.json", "nest/oci-layout"]) {
      const manifest = (await (await call("GET", `/v2/${name}/manifests/t`)).json()) as { annotations: object };
      expect(manifest.annotations).toEqual({ in: name });
    }
    const { repositories } = (await (await call("GET", "/v2/_catalog")).json()) as { repositories: string[] };
    expect(repositories).toContain("nest/blobs/sha256");
  });

  it("is served by one process at a time", async () => {
    await expect(bench.start({})).rejects.toMatchObject({ code: "STORE_FAILED" });
    const dir = join(bench.root, "twice");
    await (await bench.start({ dir })).close();
    await (await bench.start({ dir })).close();
  });

  it("is taken over from a process that was killed", async () => {
    const dir = join(bench.root, "killed");
    const source = join(process.cwd(), "src/registry/server/startRegistry.ts");
    const program = `
      const { startRegistry } = await import(${JSON.stringify(source)});
      await startRegistry({ dir: ${JSON.stringify(dir)}, listen: { host: "127.0.0.1", port: 0 }, log: () => {} });
      process.kill(process.pid, "SIGKILL");`;
    expect(() => execFileSync(process.execPath, ["--input-type=module", "-e", program])).toThrow(/SIGKILL|failed/);
    await (await bench.start({ dir })).close();
  });

  it("holds what an earlier registry took", async () => {
    const dir = join(bench.root, "again");
    const first = await bench.start({ dir });
    const manifest = imageOf({ config: undefined });
    const pushed = await call("PUT", `${first.url}/v2/kept/manifests/t`, manifest, MANIFEST_HEADERS);
    expect(pushed.status).toBe(201);
    await first.close();
    const second = await bench.start({ dir });
    expect(await (await call("GET", `${second.url}/v2/kept/manifests/t`)).text()).toBe(manifest);
    await second.close();
    expect(existsSync(join(dir, "kept", "blobs", "sha256", digestHex(digestOf(manifest))))).toBe(true);
  });
});

describe("hostile clients", () => {
  it.each(["0.0.0.0", "::", "192.168.1.1", "example.org", "127.evil.example", ""])(
    "refuses to listen on %j",
    async (host) =>
      expect(bench.start({ dir: join(bench.root, "open"), listen: { host, port: 0 } })).rejects.toMatchObject({
        code: "USAGE_INVALID",
      }),
  );

  it("says which address is taken", async () => {
    const port = Number(new URL(bench.url()).port);
    const dir = join(bench.root, "busy");
    await expect(bench.start({ dir, listen: { host: "127.0.0.1", port } })).rejects.toMatchObject({
      code: "USAGE_INVALID",
    });
    await (await bench.start({ dir })).close();
  });

  it.each([
    "GET /v2/..%2f..%2fetc/manifests/passwd",
    "GET /v2/a/../../../etc/blobs/sha256:00",
    "GET /v2/a/manifests/..%2f..%2findex.json",
    "GET /v2/A/manifests/t",
    "GET /v2/%00/manifests/t",
    "GET /v2/.waybill/manifests/t",
    "GET /v2/_blobs/manifests/t",
    `GET /v2/a/blobs/sha256:${"g".repeat(64)}`,
    "PUT /v2/a/blobs/uploads/..%2f..%2f..%2fx?digest=sha256:00",
    "GET //v2/",
    "GET http://other.example/v2/x",
    "GET *",
    "TRACE /v2/",
    "POST /v2/",
    "BREW /v2/",
    `GET /v2/${"a/".repeat(2000)}manifests/t`,
  ])("refuses %s and goes on", async (line) => {
    const socket = connect(Number(new URL(bench.url()).port), "127.0.0.1");
    socket.end(`${line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    let answer = "";
    for await (const chunk of socket) answer += String(chunk);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect((await call("GET", "/v2/")).status).toBe(200);
  });

  it("takes no writes from web pages", async () => {
    const headers = { Origin: "https://evil.example" };
    expect((await call("POST", "/v2/web/blobs/uploads/", undefined, headers)).status).toBe(403);
    expect((await call("GET", "/v2/", undefined, headers)).headers.get("access-control-allow-origin")).toBe(null);
  });

  it("has met no fault of its own in all of this", () => expect(bench.problems).toEqual([]));
});
