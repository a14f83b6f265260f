import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyBlob } from "#app/copyBlob.ts";
import { openRoute } from "#app/copyRoute.ts";
import { digestOf } from "#core/digest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { readAll } from "#core/verifiedBytes.ts";
import { clientBench, reply } from "../../../test/fakes/clientBench.ts";
import { startCutLine } from "../../../test/fakes/cutLine.ts";
import type { CutLine } from "../../../test/fakes/cutLine.ts";
import { createMemoryRepository } from "../../../test/fakes/memoryRepository.ts";
import { openTestClient } from "../../../test/fakes/openTestClient.ts";
import { benchRegistry } from "../../../test/fakes/registryBench.ts";
import { testCtx } from "../../../test/fakes/testCtx.ts";

const LARGE = randomBytes(10 * 1024 * 1024);
const LAYER = { mediaType: MEDIA_TYPE.ociLayerGzip, digest: digestOf(LARGE), size: LARGE.byteLength };
const waiting = (ms: number) => testCtx({ clock: { now: () => Date.now(), jitter: () => 0, sleep: () => sleep(ms) } });
const ctx = waiting(10);

const source = createMemoryRepository("source.test/app");
beforeAll(() => source.writeBlob(ctx, LAYER, LARGE));

const copyTo = async (name: string, call = ctx): Promise<void> =>
  copyBlob(call, openRoute(source, openTestClient()(name, "write")), LAYER);

describe("a large upload that breaks off", () => {
  const bench = benchRegistry();
  let line: CutLine;
  beforeAll(async () => {
    line = await startCutLine(Number(new URL(bench.url()).port));
  });
  afterAll(() => line.close());

  it.each([
    ["once", 1],
    ["twice", 2],
  ])("goes on from what arrived: %s", async (name, times) => {
    line.set({ way: "up", afterBytes: 4_000_000, how: "close", times });
    // It asks several times, so that a busy machine has a while to see that the client is gone.
    await copyTo(`${line.host}/${name}`, waiting(500));
    expect(line.seen().cuts).toBe(times);
    // What is in the buffers of the line is lost, and no more.
    expect(line.seen().up).toBeLessThan(LAYER.size + 2_000_000);
    const read = openTestClient()(`${line.host}/${name}`).readBlob(ctx, LAYER);
    expect((await readAll(read, LAYER.size, "layer")).equals(LARGE)).toBe(true);
  });
});

describe("a large upload", () => {
  const bench = clientBench();

  /** What the registry was asked for besides the blob itself. */
  const askedFor = (): readonly string[] =>
    bench
      .registry()
      .requests.filter(({ url }) => url.includes("/uploads/"))
      .map(({ method }) => method);

  const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  };

  /** A registry that takes PATCH, breaks the first one off, and then says that it has `range` of it. */
  const breakOff = (range: string | undefined): { ranges: (string | undefined)[] } => {
    const kept: Buffer[] = [];
    const seen = { ranges: [] as (string | undefined)[] };
    const registry = bench.registry();
    registry.fault = async (request, response) => {
      const url = new URL(request.url ?? "/", "http://any");
      if (!url.pathname.includes("/uploads/")) return false;
      if (request.method === "GET")
        return reply(response, range === undefined ? { status: 404 } : { status: 204, headers: { range } });
      if (request.method === "PATCH") {
        seen.ranges.push(request.headers["content-range"]);
        if (seen.ranges.length === 1) {
          request.once("data", () => request.socket.destroy());
          return true;
        }
        kept.push(await bodyOf(request));
        return reply(response, { status: 202, headers: { location: url.pathname } });
      }
      if (request.method !== "PUT") return false;
      const digest = url.searchParams.get("digest") ?? "";
      const bytes = Buffer.concat([...kept.splice(0), await bodyOf(request)]);
      if (digestOf(bytes) !== digest) return reply(response, { status: 400, body: "DIGEST_INVALID" });
      registry.blobs.set(`app@${digest}`, bytes);
      return reply(response, { status: 201 });
    };
    return seen;
  };
  const isThere = (): boolean => bench.registry().blobs.has(`app@${LAYER.digest}`);

  it.each([
    ["the registry knows nothing of it any more", undefined],
    ["nobody can tell whether it has a byte or none", "0-0"],
    ["it has more than there is", "0-99999999"],
    ["it says nothing that can be understood", "1-2"],
  ])("begins anew where %s", async (_why, range) => {
    const { ranges } = breakOff(range);
    await copyTo(`${bench.registry().host}/app`);
    expect(isThere()).toBe(true);
    expect(ranges).toEqual([undefined, undefined]);
  });

  it("begins anew where what the registry says it has is not what was sent", async () => {
    const { ranges } = breakOff("0-999");
    await copyTo(`${bench.registry().host}/app`);
    expect(isThere()).toBe(true);
    expect(ranges).toEqual([undefined, `1000-${LAYER.size - 1}`, undefined]);
  });

  it("goes by PUT alone where the registry takes no PATCH", async () => {
    await copyTo(`${bench.registry().host}/app`);
    expect(isThere()).toBe(true);
    expect(askedFor()).toEqual(["POST", "PATCH", "POST", "PUT"]);
  });

  it("counts as done where only the answer to its end was lost", async () => {
    const registry = bench.registry();
    let ends = 0;
    const small = Buffer.from("small");
    registry.fault = (request, response) => {
      if (request.method !== "PUT") return false;
      if (++ends > 1) return reply(response, { status: 404, body: "BLOB_UPLOAD_UNKNOWN" });
      registry.blobs.set(`team/app@${digestOf(small)}`, small);
      request.socket.destroy();
      return true;
    };
    await bench.repository().writeBlob(ctx, { digest: digestOf(small), size: small.length }, small);
    expect(ends).toBe(2);
  });
});
