import { describe, expect, it } from "vitest";
import { bitnami } from "#sbom/cataloger/bitnami.ts";
import { fakeImage } from "../../../test/fakes/imageView.ts";
import type { FakeLayer } from "../../../test/fakes/imageView.ts";

const spdx = (packages: Readonly<Record<string, string>>, ...relations: readonly [string, string, string][]): string =>
  JSON.stringify({
    spdxVersion: "SPDX-2.3",
    packages: Object.entries(packages).map(([id, purl]) => ({
      SPDXID: `SPDXRef-${id}`,
      name: id,
      licenseDeclared: id === "redis" ? "BSD-3-Clause" : "NOASSERTION",
      externalRefs: [
        {
          referenceCategory: "SECURITY",
          referenceType: "cpe23Type",
          referenceLocator: `cpe:2.3:*:${id}:${id}:1:*:*:*:*:*:*:*`,
        },
        { referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: purl },
      ],
    })),
    relationships: relations.map(([from, type, to]) => ({
      spdxElementId: `SPDXRef-${from}`,
      relationshipType: type,
      relatedSpdxElement: `SPDXRef-${to}`,
    })),
  });

const REDIS = "pkg:bitnami/redis@7.4.1-0?arch=arm64&distro=debian-12";
const JEMALLOC = "pkg:bitnami/jemalloc@5.3.0-1?arch=arm64&distro=debian-12";
const image = (...layers: readonly FakeLayer[]): ReturnType<typeof fakeImage> => fakeImage(layers, [bitnami]);

describe("bitnami", () => {
  it("lists what the documents beside the components say, with edges and what is in their directories", () => {
    const { view } = image({
      "opt/bitnami/redis/.spdx-redis.spdx": spdx(
        { redis: REDIS, jemalloc: JEMALLOC, other: "pkg:generic/other@1" },
        ["DOCUMENT", "DESCRIBES", "redis"],
        ["redis", "CONTAINS", "jemalloc"],
        ["redis", "CONTAINS", "other"],
      ),
      "opt/bitnami/redis/sub/.spdx-sub.spdx": spdx({ sub: "pkg:bitnami/sub@1" }),
      "opt/bitnami/.bitnami_components.json": JSON.stringify({
        redis: { version: "6.0.0-1", arch: "amd64", distro: "debian-10", type: "NAMI" },
        gosu: { version: "1.14.0-1", arch: "amd64", distro: "debian-10" },
      }),
      "srv/.spdx-x.spdx": spdx({ x: "pkg:bitnami/x@1" }),
    });
    const found = bitnami.catalog(view);
    expect(found.packages.map((one) => [one.id, one.isApplication ?? false])).toEqual([
      ["pkg:bitnami/gosu@1.14.0-1?arch=amd64&distro=debian-10", true],
      [JEMALLOC, false],
      [REDIS, true],
      ["pkg:bitnami/sub@1", true],
    ]);
    expect(found.packages[2]).toMatchObject({
      version: "7.4.1-0",
      licenses: [{ expression: "BSD-3-Clause" }],
      licenseSource: "opt/bitnami/redis/.spdx-redis.spdx",
      cpes: ["cpe:2.3:*:redis:redis:1:*:*:*:*:*:*:*"],
      occurrences: [{ path: "opt/bitnami/redis/.spdx-redis.spdx", layer: 0 }],
    });
    expect(found.edges).toEqual([{ from: REDIS, to: JEMALLOC }]);
    const files = ["opt/bitnami/redis/bin/redis-server", "opt/bitnami/redis/sub/x.jar", "opt/bitnami/common/gosu"];
    expect([...(found.owned?.(new Set(files)) ?? [])]).toEqual([
      [files[0], REDIS],
      [files[1], "pkg:bitnami/sub@1"],
    ]);
  });

  it("finds the layer of a version", () => {
    const path = "opt/bitnami/redis/.spdx-redis.spdx";
    const { view } = image({ [path]: spdx({ redis: REDIS }) }, { [path]: spdx({ redis: REDIS, jemalloc: JEMALLOC }) });
    expect(bitnami.catalog(view).packages.map((one) => one.introducedIn)).toEqual([1, 0]);
  });

  it("states what it cannot read", () => {
    const { view, unknowns } = image({
      "opt/bitnami/a/.spdx-a.spdx": "no JSON",
      "opt/bitnami/b/.spdx-b.spdx": spdx({ b: "pkg:bitnami/", c: "pkg:bitnami/c@1" }),
      "opt/bitnami/.bitnami_components.json": JSON.stringify({ fine: { version: "1" }, odd: 7 }),
    });
    const found = bitnami.catalog(view);
    expect(unknowns.map((one) => one.path)).toEqual(["opt/bitnami/a/.spdx-a.spdx"]);
    expect(found.packages.map((one) => one.id)).toEqual(["pkg:bitnami/c@1", "pkg:bitnami/fine@1"]);
    expect(found.unknowns.map((one) => one.reason)).toEqual(["1 packages without a usable name"]);
  });
});
