import { existsSync, lstatSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { digestHex, digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { collectGarbage } from "#registry/server/collectGarbage.ts";
import type { CollectedRepository, GarbageOptions } from "#registry/server/collectGarbage.ts";
import { benchRegistry, imageOf, MANIFEST_HEADERS } from "../../../test/fakes/registryBench.ts";
import { testCtx } from "../../../test/fakes/testCtx.ts";

const bench = benchRegistry();
const { call, pushBlob } = bench;
const ctx = testCtx();

const collect = async (over: Partial<GarbageOptions> = {}): Promise<ReadonlyMap<string, CollectedRepository>> => {
  // What was just written has the time of this very moment.
  await sleep(20);
  const found = new Map<string, CollectedRepository>();
  const options = { dir: bench.dir, dryRun: false, deleteUntagged: false, graceMs: 0, ...over };
  for await (const one of collectGarbage(ctx, options)) found.set(one.name, one);
  return found;
};

const push = async (name: string, manifest: string, tag?: string, type: string = MEDIA_TYPE.ociManifest) => {
  await pushBlob(name, "{}");
  const path = `/v2/${name}/manifests/${tag ?? digestOf(manifest)}`;
  expect((await call("PUT", path, manifest, { ...MANIFEST_HEADERS, "Content-Type": type })).status).toBe(201);
  return digestOf(manifest);
};
const subject = (digest: Digest) => ({ subject: { mediaType: MEDIA_TYPE.ociManifest, digest, size: 1 } });
const layer = (digest: Digest, more = {}) => ({ mediaType: "x/y", digest, size: 1, ...more });
const has = async (name: string, digest: Digest): Promise<boolean> =>
  existsSync(join(bench.dir, name, "blobs", "sha256", digestHex(digest))) &&
  [200].includes((await call("GET", `/v2/${name}/blobs/${digest}`)).status);

describe("collecting garbage", () => {
  it("removes what no manifest names, beside the running registry", async () => {
    const [used, foreign, loose] = await Promise.all(
      ["used", "foreign", "loose"].map((text) => pushBlob("gc/a", text)),
    );
    const layers = [layer(used as Digest), layer(foreign as Digest, { urls: ["https://elsewhere.example/x"] })];
    const image = await push("gc/a", imageOf({ layers }), "t");
    const old = await push("gc/a", imageOf({ annotations: { old: "yes" } }), "t2");
    expect((await collect({ graceMs: 3_600_000 })).get("gc/a")).toMatchObject({ blobs: 0, bytes: 0 });
    expect((await collect({ dryRun: true })).get("gc/a")).toMatchObject({ manifests: 0, blobs: 1, bytes: 5 });
    expect(await has("gc/a", loose as Digest)).toBe(true);
    expect((await collect()).get("gc/a")).toEqual({ name: "gc/a", manifests: 0, blobs: 1, bytes: 5 });
    for (const kept of [used, foreign, image, old]) expect(await has("gc/a", kept as Digest)).toBe(true);
    expect(await has("gc/a", digestOf("{}"))).toBe(true);
    expect((await collect()).get("gc/a")).toMatchObject({ blobs: 0 });

    // The running registry still has the small blob in its memory: a push that relies on it is refused, then goes through.
    const relying = imageOf({ layers: [layer(loose as Digest)] });
    expect((await call("PUT", "/v2/gc/a/manifests/r", relying, MANIFEST_HEADERS)).status).toBe(404);
    expect((await call("HEAD", `/v2/gc/a/blobs/${loose}`)).status).toBe(404);
    await pushBlob("gc/a", "loose");
    expect((await call("PUT", "/v2/gc/a/manifests/r", relying, MANIFEST_HEADERS)).status).toBe(201);
  });

  it("keeps untagged images unless told, and then keeps what anything kept needs", async () => {
    const child = await push("gc/b", imageOf({ annotations: { child: "1" } }));
    const childPaper = await push("gc/b", imageOf({ ...subject(child), artifactType: "paper/of-child" }));
    const entry = { mediaType: MEDIA_TYPE.ociManifest, digest: child, size: 1 };
    const index = JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests: [entry] });
    const top = await push("gc/b", index, "t", MEDIA_TYPE.ociIndex);
    const paper = await push("gc/b", imageOf({ ...subject(top), artifactType: "paper/of-index" }));
    const paperOnPaper = await push("gc/b", imageOf({ ...subject(paper), artifactType: "paper/on-paper" }));
    const needed = await push("gc/b", imageOf({ annotations: { subject: "of a tagged artifact" } }));
    await push("gc/b", imageOf({ ...subject(needed), artifactType: "tagged/artifact" }), "artifact");
    const elsewhere = await push("gc/b", imageOf({ ...subject(digestOf("an image in another repository")) }));
    const secret = await pushBlob("gc/b", "only of the old image");
    const loose = await push("gc/b", imageOf({ layers: [layer(secret)] }));
    const loosePaper = await push("gc/b", imageOf({ ...subject(loose), artifactType: "paper/of-loose" }));
    const tagOf = (digest: Digest, suffix: string) => `${digest.replace(":", "-")}${suffix}`;
    const looseSignature = await push("gc/b", imageOf({ annotations: { sig: "old" } }), tagOf(loose, ".sig"));
    const signature = await push("gc/b", imageOf({ annotations: { sig: "new" } }), tagOf(top, ".sig"));
    const strange = await push("gc/b", imageOf({ annotations: { sig: "far" } }), tagOf(digestOf("far away"), ".att"));

    expect((await collect()).get("gc/b")).toMatchObject({ manifests: 0, blobs: 0 });
    expect((await collect({ deleteUntagged: true, graceMs: 3_600_000 })).get("gc/b")).toMatchObject({ manifests: 0 });
    const gone = (await collect({ deleteUntagged: true })).get("gc/b");
    expect(gone).toMatchObject({ manifests: 3, blobs: 4 });
    for (const kept of [child, childPaper, top, paper, paperOnPaper, needed, elsewhere, signature, strange])
      expect((await call("GET", `/v2/gc/b/manifests/${kept}`)).status).toBe(200);
    for (const removed of [loose, loosePaper, looseSignature])
      expect((await call("GET", `/v2/gc/b/manifests/${removed}`)).status).toBe(404);
    expect(await has("gc/b", secret)).toBe(false);
    const { tags } = (await (await call("GET", "/v2/gc/b/tags/list")).json()) as { tags: string[] };
    expect(tags).toEqual(["artifact", tagOf(digestOf("far away"), ".att"), tagOf(top, ".sig"), "t"].toSorted());
  });

  it("counts a shared blob as freed only where it is the last one", async () => {
    const digest = await pushBlob("gc/c", "shared by two");
    expect((await call("POST", `/v2/gc/d/blobs/uploads/?mount=${digest}&from=gc/c`)).status).toBe(201);
    await push("gc/d", imageOf({ layers: [layer(digest)] }), "t");
    expect((await collect()).get("gc/c")).toMatchObject({ blobs: 1, bytes: 0 });
    expect(await (await call("GET", `/v2/gc/d/blobs/${digest}`)).text()).toBe("shared by two");
    expect(lstatSync(join(bench.dir, "gc/d/blobs/sha256", digestHex(digest))).nlink).toBe(1);
  });

  it("touches nothing where a manifest cannot be read", async () => {
    const loose = await pushBlob("gc/e", "loose but who knows");
    const image = await push("gc/e", imageOf({ annotations: { damaged: "soon" } }), "t");
    writeFileSync(join(bench.dir, "gc/e/blobs/sha256", digestHex(image)), "{");
    expect((await collect()).get("gc/e")).toMatchObject({ blobs: 0, failure: { code: "INPUT_INVALID" } });
    expect(await has("gc/e", loose)).toBe(true);
  });

  it("refuses a directory that is no registry's", async () => {
    const elsewhere = collect({ dir: "../shared/data/papers/layouts" });
    await expect(elsewhere).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(readdirSync("../shared/data/papers/layouts")).not.toContain(".waybill");
  });

  it("loses nothing of pushes that go on meanwhile", async () => {
    let over = false;
    const collecting = (async () => {
      while (!over) await collect({ deleteUntagged: true });
    })();
    const names = Array.from({ length: 40 }, (_, index) => `image ${index}`);
    const acknowledged: { readonly tag: string; readonly blob: Digest }[] = [];
    for (const [index, text] of names.entries()) {
      const tag = `t${index}`;
      // With no grace at all a push may be refused; then it is repeated, as a client does.
      for (;;) {
        const blob = await pushBlob("gc/f", text);
        await pushBlob("gc/f", "{}");
        const put = await call(
          "PUT",
          `/v2/gc/f/manifests/${tag}`,
          imageOf({ layers: [layer(blob)] }),
          MANIFEST_HEADERS,
        );
        if (put.status === 201) {
          acknowledged.push({ tag, blob });
          break;
        }
        expect(put.status).toBe(404);
      }
    }
    over = true;
    await collecting;
    for (const { tag, blob } of acknowledged) {
      expect((await call("GET", `/v2/gc/f/manifests/${tag}`)).status).toBe(200);
      expect(await has("gc/f", blob)).toBe(true);
    }
    expect(acknowledged).toHaveLength(names.length);
  });
});
