import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { benchRegistry } from "../../../test/fakes/registryBench.ts";

const LAYOUTS = "../shared/data/papers/layouts";
const SHOWN = ["bundle-cosign3", "bundle-blob-damaged", "bundle-blob-missing", "fallback-cosign3"];
const layouts = Object.fromEntries(SHOWN.map((name) => [`papers/${name}`, join(LAYOUTS, name)]));
const bench = benchRegistry({ layouts });
const { call } = bench;

describe("layouts shown as they are", () => {
  const indexOf = (name: string) =>
    JSON.parse(readFileSync(join(LAYOUTS, name, "index.json"), "utf8")) as { manifests: { digest: Digest }[] };

  it.each(["bundle-cosign3", "fallback-cosign3"])("derives the referrers of %s", async (name) => {
    const image = (await call("GET", `/v2/papers/${name}/manifests/1.0`)).headers.get("docker-content-digest");
    const listed = await call("GET", `/v2/papers/${name}/referrers/${image}`);
    const { manifests } = (await listed.json()) as { manifests: { digest: string; artifactType: string }[] };
    expect(manifests.map((one) => one.artifactType)).toEqual([MEDIA_TYPE.bundle]);
    expect(indexOf(name).manifests.map((one) => one.digest)).toContain(manifests[0]?.digest);
  });

  it("gives out a damaged blob as it lies, and says 404 of a missing one", async () => {
    const statuses = new Map<string, Set<string>>();
    for (const name of ["bundle-blob-damaged", "bundle-blob-missing"]) {
      const seen = new Set<string>();
      for (const { digest } of indexOf(name).manifests) {
        const manifest = (await (await call("GET", `/v2/papers/${name}/manifests/${digest}`)).json()) as {
          layers: { digest: Digest }[];
        };
        for (const layer of manifest.layers) {
          const got = await call("GET", `/v2/papers/${name}/blobs/${layer.digest}`);
          const right = got.ok && digestOf(new Uint8Array(await got.arrayBuffer())) === layer.digest;
          seen.add(got.ok ? (right ? "right" : "wrong") : String(got.status));
        }
      }
      statuses.set(name, seen);
    }
    expect(statuses.get("bundle-blob-damaged")).toContain("wrong");
    expect(statuses.get("bundle-blob-missing")).toContain("404");
  });

  it("takes nothing", async () => {
    for (const [method, path] of [
      ["POST", "/v2/papers/bundle-cosign3/blobs/uploads/"],
      ["PUT", "/v2/papers/bundle-cosign3/manifests/t"],
      ["DELETE", "/v2/papers/bundle-cosign3/manifests/1.0"],
      ["DELETE", `/v2/papers/bundle-cosign3/blobs/${digestOf("{}")}`],
    ] as const)
      expect((await call(method, path)).status).toBe(403);
    expect(readdirSync(join(LAYOUTS, "bundle-cosign3")).sort()).toEqual(["blobs", "index.json", "oci-layout"]);
  });
});

it("has met no fault of its own in all of this", () => expect(bench.problems).toEqual([]));
