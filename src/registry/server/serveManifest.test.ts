import { describe, expect, it } from "vitest";
import { digestOf } from "#core/digest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { benchRegistry, faultOf, imageOf, MANIFEST_HEADERS } from "../../../test/fakes/registryBench.ts";

const bench = benchRegistry();
const { call, pushBlob, pushImage } = bench;

describe("manifests", () => {
  it("gives an ETag and honours conditions exactly", async () => {
    const one = await pushImage("etags", "t", { annotations: { n: "1" } });
    const got = await call("GET", "/v2/etags/manifests/t");
    expect(got.headers.get("etag")).toBe(`"${one}"`);
    const put = (n: string, condition: Record<string, string>) =>
      call("PUT", "/v2/etags/manifests/t", imageOf({ annotations: { n } }), { ...MANIFEST_HEADERS, ...condition });
    expect((await put("2", { "If-Match": `"${digestOf("x")}"` })).status).toBe(412);
    expect((await put("2", { "If-Match": `"${one}"` })).status).toBe(201);
    expect((await put("3", { "If-Match": `"${one}"` })).status).toBe(412);
    expect((await put("3", { "If-None-Match": "*" })).status).toBe(412);
    const now = (await call("HEAD", "/v2/etags/manifests/t")).headers.get("etag") ?? "";
    expect(now).toBe(`"${digestOf(imageOf({ annotations: { n: "2" } }))}"`);
    expect((await call("GET", "/v2/etags/manifests/t", undefined, { "If-None-Match": now })).status).toBe(304);
  });

  it.each([
    ["another digest", `/v2/bad/manifests/${digestOf("x")}`, imageOf({}), MEDIA_TYPE.ociManifest, "DIGEST_INVALID"],
    ["no JSON", "/v2/bad/manifests/t", "<html>", MEDIA_TYPE.ociManifest, "MANIFEST_INVALID"],
    ["two names", "/v2/bad/manifests/t", '{"a":1,"a":2}', MEDIA_TYPE.ociManifest, "MANIFEST_INVALID"],
    ["another type", "/v2/bad/manifests/t", imageOf({}), MEDIA_TYPE.ociIndex, "MANIFEST_INVALID"],
    ["two shapes", "/v2/bad/manifests/t", imageOf({ manifests: [] }), MEDIA_TYPE.ociManifest, "MANIFEST_INVALID"],
    ["a bad subject", "/v2/bad/manifests/t", imageOf({ subject: {} }), MEDIA_TYPE.ociManifest, "MANIFEST_INVALID"],
    ["no tag", "/v2/bad/manifests/-", imageOf({}), MEDIA_TYPE.ociManifest, "MANIFEST_INVALID"],
    ["missing blobs", "/v2/bad/manifests/t", imageOf({}), MEDIA_TYPE.ociManifest, "MANIFEST_BLOB_UNKNOWN"],
  ])("refuses a manifest of %s", async (_what, path, body, type, code) => {
    const refused = await call("PUT", path, body, { "Content-Type": type });
    expect([refused.ok, await faultOf(refused)]).toEqual([false, code]);
    expect((await call("GET", "/v2/bad/tags/list")).status).toBe(404);
  });

  it("refuses a manifest beyond 4 MiB", async () => {
    const large = imageOf({ annotations: { pad: "x".repeat(4 * 1024 * 1024) } });
    expect((await call("PUT", "/v2/bad/manifests/t", large, MANIFEST_HEADERS)).status).toBe(413);
  });

  it("does not let a blob be taken for a manifest, nor a manifest be deleted as a blob", async () => {
    const blob = await pushBlob("apart", imageOf({ annotations: { only: "a blob" } }));
    expect((await call("GET", `/v2/apart/manifests/${blob}`)).status).toBe(404);
    const manifest = await pushImage("apart", "t");
    expect((await call("DELETE", `/v2/apart/blobs/${manifest}`)).status).toBe(405);
    expect((await call("GET", "/v2/apart/manifests/t")).status).toBe(200);
    expect((await call("DELETE", `/v2/apart/manifests/${blob}`)).status).toBe(404);
  });

  it("deletes a tag alone, and a manifest with its tags", async () => {
    const digest = await pushImage("gone", "a");
    await pushImage("gone", "b");
    expect((await call("DELETE", "/v2/gone/manifests/a")).status).toBe(202);
    expect((await call("GET", "/v2/gone/manifests/b")).status).toBe(200);
    expect((await call("DELETE", `/v2/gone/manifests/${digest}`)).status).toBe(202);
    expect((await call("GET", "/v2/gone/manifests/b")).status).toBe(404);
    expect((await call("DELETE", `/v2/gone/manifests/${digest}`)).status).toBe(404);
  });
});

it("has met no fault of its own in all of this", () => expect(bench.problems).toEqual([]));
