import { existsSync, readdirSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { digestOf } from "#core/digest.ts";
import { benchRegistry, faultOf } from "../../../test/fakes/registryBench.ts";

const bench = benchRegistry({ maxBlobBytes: 1_000_000, uploadIdleMs: 2000 });
const { call, pushBlob } = bench;

describe("uploads", () => {
  it("takes a blob in chunks, out of order never", async () => {
    const begun = await call("POST", "/v2/chunks/blobs/uploads/");
    expect(begun.status).toBe(202);
    const location = begun.headers.get("location") ?? "";
    const first = await call("PATCH", location, "hello ", { "Content-Range": "0-5" });
    expect([first.status, first.headers.get("range")]).toEqual([202, "0-5"]);
    const wrong = await call("PATCH", location, "again ", { "Content-Range": "0-5" });
    expect([wrong.status, wrong.headers.get("range")]).toEqual([416, "0-5"]);
    const short = await call("PATCH", location, "wor", { "Content-Range": "6-10" });
    expect([short.status, await faultOf(short)]).toEqual([400, "SIZE_INVALID"]);
    const status = await call("GET", location);
    expect([status.status, status.headers.get("range")]).toEqual([204, "0-5"]);
    const digest = digestOf("hello world");
    expect((await call("PUT", `${location}?digest=${digest}`, "world")).status).toBe(201);
    expect(await (await call("GET", `/v2/chunks/blobs/${digest}`)).text()).toBe("hello world");
    expect((await call("GET", location)).status).toBe(404);
  });

  it.each([undefined, "0-8"])("keeps what came of a chunk that breaks off, with the range %s", async (range) => {
    const location = (await call("POST", "/v2/broken/blobs/uploads/")).headers.get("location") ?? "";
    const headers = { "content-length": 9, ...(range === undefined ? {} : { "content-range": range }) };
    const broken = request(bench.url() + location, { method: "PATCH", headers });
    broken.on("error", () => undefined);
    broken.write("half ");
    await sleep(100);
    broken.destroy();
    const state = async () => (await call("GET", location)).headers.get("range");
    await expect.poll(state).toBe("0-4");
    expect((await call("PATCH", location, "done", { "Content-Range": "5-8" })).status).toBe(202);
    expect((await call("PUT", `${location}?digest=${digestOf("half done")}`)).status).toBe(201);
  });

  it("keeps nothing of a blob that is not what was announced", async () => {
    const digest = digestOf("announced");
    const refused = await call("POST", `/v2/lies/blobs/uploads/?digest=${digest}`, "something else");
    expect([refused.status, await faultOf(refused)]).toEqual([400, "DIGEST_INVALID"]);
    expect((await call("HEAD", `/v2/lies/blobs/${digest}`)).status).toBe(404);
    expect(readdirSync(join(bench.dir, ".waybill", "uploads"))).toEqual([]);
    expect(existsSync(join(bench.dir, "lies"))).toBe(false);
  });

  it("refuses a blob beyond the cap, announced or not", async () => {
    const large = "x".repeat(1_000_001);
    expect((await call("POST", `/v2/caps/blobs/uploads/?digest=${digestOf(large)}`, large)).status).toBe(413);
    expect(readdirSync(join(bench.dir, ".waybill", "uploads"))).toEqual([]);
    const { headers } = await call("POST", "/v2/caps/blobs/uploads/");
    const location = headers.get("location") ?? "";
    const stream = new ReadableStream({
      pull: (controller) => controller.enqueue(new TextEncoder().encode("x".repeat(100_000))),
    });
    const endless = fetch(bench.url() + location, { method: "PATCH", body: stream, duplex: "half" } as RequestInit);
    const status = await endless.then((response) => response.status).catch(() => 413);
    expect(status).toBe(413);
    expect((await call("GET", location)).headers.get("range")).toBe("0-0");
  });

  it("forgets uploads that were cancelled or left alone", async () => {
    const one = (await call("POST", "/v2/idle/blobs/uploads/")).headers.get("location") ?? "";
    const two = (await call("POST", "/v2/idle/blobs/uploads/")).headers.get("location") ?? "";
    expect((await call("DELETE", one)).status).toBe(204);
    expect((await call("GET", one)).status).toBe(404);
    expect((await call("GET", two)).status).toBe(204);
    await expect.poll(async () => (await call("GET", two)).status, { timeout: 15_000 }).toBe(404);
    // The file goes after the answer.
    await expect.poll(() => readdirSync(join(bench.dir, ".waybill", "uploads")), { timeout: 15_000 }).toEqual([]);
  });

  it("mounts a blob of another repository", async () => {
    const digest = await pushBlob("mount/from", "shared");
    const mounted = await call("POST", `/v2/mount/to/blobs/uploads/?mount=${digest}&from=mount/from`);
    expect(mounted.status).toBe(201);
    expect((await call("DELETE", `/v2/mount/from/blobs/${digest}`)).status).toBe(202);
    expect((await call("GET", `/v2/mount/from/blobs/${digest}`)).status).toBe(404);
    expect(await (await call("GET", `/v2/mount/to/blobs/${digest}`)).text()).toBe("shared");
    const absent = `/v2/mount/to/blobs/uploads/?mount=${digestOf("nowhere")}&from=mount/from`;
    expect((await call("POST", absent)).status).toBe(202);
  });

  it("mounts a blob of whatever repository has it, open or not", async () => {
    const digest = await pushBlob("anonymous/from", "found");
    expect((await call("POST", `/v2/anonymous/to/blobs/uploads/?mount=${digest}`)).status).toBe(201);
    expect(await (await call("GET", `/v2/anonymous/to/blobs/${digest}`)).text()).toBe("found");
    expect((await call("POST", `/v2/anonymous/to/blobs/uploads/?mount=${digestOf("nowhere")}`)).status).toBe(202);
    const later = await bench.start({ dir: join(bench.root, "later") });
    await call("POST", `${later.url}/v2/closed/blobs/uploads/?digest=${digest}`, "found");
    await later.close();
    const again = await bench.start({ dir: join(bench.root, "later") });
    const mounted = await call("POST", `${again.url}/v2/other/blobs/uploads/?mount=${digest}`);
    await again.close();
    expect(mounted.status).toBe(201);
  });

  it("serves parts of a blob", async () => {
    const digest = await pushBlob("parts", "0123456789");
    const part = await call("GET", `/v2/parts/blobs/${digest}`, undefined, { Range: "bytes=2-4" });
    expect([part.status, part.headers.get("content-range"), await part.text()]).toEqual([206, "bytes 2-4/10", "234"]);
    const beyond = await call("GET", `/v2/parts/blobs/${digest}`, undefined, { Range: "bytes=10-" });
    expect([beyond.status, beyond.headers.get("content-range")]).toEqual([416, "bytes */10"]);
    const head = await call("HEAD", `/v2/parts/blobs/${digest}`);
    expect([head.status, head.headers.get("content-length")]).toEqual([200, "10"]);
  });
});

it("has met no fault of its own in all of this", () => expect(bench.problems).toEqual([]));
