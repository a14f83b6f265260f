import { describe, expect, it } from "vitest";
import { digestOf } from "#core/digest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { benchRegistry, imageOf, MANIFEST_HEADERS } from "../../../test/fakes/registryBench.ts";

const bench = benchRegistry({ layouts: { "papers/bundle-cosign3": "../shared/data/papers/layouts/bundle-cosign3" } });
const { call, pushImage } = bench;

describe("lists", () => {
  it("pages through tags and repositories", async () => {
    for (const tag of ["c", "a", "b"]) await pushImage("pages/one", tag);
    const first = await call("GET", "/v2/pages/one/tags/list?n=2");
    expect(await first.json()).toEqual({ name: "pages/one", tags: ["a", "b"] });
    const next = /^<([^>]+)>; rel="next"$/.exec(first.headers.get("link") ?? "")?.[1] ?? "";
    const second = await call("GET", next);
    expect([await second.json(), second.headers.get("link")]).toEqual([{ name: "pages/one", tags: ["c"] }, null]);
    expect((await call("GET", "/v2/pages/one/tags/list?n=x")).status).toBe(400);
    const { repositories } = (await (await call("GET", "/v2/_catalog")).json()) as { repositories: string[] };
    expect(repositories).toContain("pages/one");
    expect(repositories).toContain("papers/bundle-cosign3");
    expect(repositories).toEqual(repositories.toSorted((a, b) => (a < b ? -1 : 1)));
  });

  it("lists referrers, filtered where asked", async () => {
    const digest = await pushImage("referrers", "t");
    const subject = { mediaType: MEDIA_TYPE.ociManifest, digest, size: 1 };
    const paper = (artifactType: string) => imageOf({ subject, artifactType, annotations: { of: artifactType } });
    for (const type of ["a/a", "b/b"]) {
      const path = `/v2/referrers/manifests/${digestOf(paper(type))}`;
      const pushed = await call("PUT", path, paper(type), MANIFEST_HEADERS);
      expect([pushed.status, pushed.headers.get("oci-subject")]).toEqual([201, digest]);
    }
    const all = await call("GET", `/v2/referrers/referrers/${digest}`);
    expect(all.headers.get("content-type")).toBe(MEDIA_TYPE.ociIndex);
    expect(((await all.json()) as { manifests: object[] }).manifests).toHaveLength(2);
    const some = await call("GET", `/v2/referrers/referrers/${digest}?artifactType=b%2Fb`);
    expect(some.headers.get("oci-filters-applied")).toBe("artifactType");
    expect(((await some.json()) as { manifests: object[] }).manifests).toEqual([
      expect.objectContaining({ artifactType: "b/b", annotations: { of: "b/b" } }),
    ]);
    const none = await call("GET", `/v2/nowhere/referrers/${digest}`);
    expect([none.status, ((await none.json()) as { manifests: object[] }).manifests]).toEqual([200, []]);
  });

  it("splits very many referrers into pages", async () => {
    const digest = await pushImage("many", "t");
    const subject = { mediaType: MEDIA_TYPE.ociManifest, digest, size: 1 };
    for (let at = 0; at < 5; at++) {
      const paper = imageOf({ subject, annotations: { pad: `${at}`.repeat(1_000_000) } });
      await call("PUT", `/v2/many/manifests/${digestOf(paper)}`, paper, MANIFEST_HEADERS);
    }
    const seen: string[] = [];
    for (let next: string | undefined = `/v2/many/referrers/${digest}`; next !== undefined;) {
      const response = await call("GET", next);
      const body = await response.text();
      expect(body.length).toBeLessThan(4 * 1024 * 1024);
      seen.push(...(JSON.parse(body) as { manifests: { digest: string }[] }).manifests.map((one) => one.digest));
      next = /^<([^>]+)>/.exec(response.headers.get("link") ?? "")?.[1];
    }
    expect([seen.length, new Set(seen).size]).toEqual([5, 5]);
  });
});

it("has met no fault of its own in all of this", () => expect(bench.problems).toEqual([]));
