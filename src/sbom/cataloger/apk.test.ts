import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Findings } from "#sbom/cataloger.ts";
import { apk } from "#sbom/cataloger/apk.ts";
import { osRelease } from "#sbom/cataloger/osRelease.ts";
import { fakeImage } from "../../../test/fakes/imageView.ts";
import type { FakeLayer } from "../../../test/fakes/imageView.ts";

const OS = { "etc/os-release": "ID=alpine\nVERSION_ID=3.20.1\n" };
const DB = "lib/apk/db/installed";
const catalog = (...layers: readonly FakeLayer[]): Findings => apk.catalog(fakeImage(layers, [osRelease, apk]).view);
const entry = (name: string, version: string, more = ""): string => `P:${name}\nV:${version}\nA:x86_64\n${more}\n`;

describe("apk", () => {
  it("describes an installed package", () => {
    const more =
      "L:GPL-2.0-only AND MIT\nU:https://e.org\nm:N <n@e.org>\nT:a shell\no:busybox\nD:so:libc.so\nC:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
    const found = catalog({ ...OS, [DB]: entry("busybox-binsh", "1.36.1-r2", more) });
    expect(found.packages).toEqual([
      {
        id: "pkg:apk/alpine/busybox-binsh@1.36.1-r2?arch=x86_64&distro=alpine-3.20.1&upstream=busybox",
        purl: "pkg:apk/alpine/busybox-binsh@1.36.1-r2?arch=x86_64&distro=alpine-3.20.1&upstream=busybox",
        type: "apk",
        name: "busybox-binsh",
        namespace: "alpine",
        version: "1.36.1-r2",
        licenses: [{ expression: "GPL-2.0-only AND MIT" }],
        licenseSource: "apk database, L",
        supplier: "N <n@e.org>",
        description: "a shell",
        homepage: "https://e.org",
        occurrences: [{ path: DB, layer: 0 }],
        introducedIn: 0,
        foundBy: "apk",
        properties: { source: "busybox", apkChecksum: "Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=" },
      },
    ]);
  });

  it("reads the database under a merged /usr, once, and a chroot's as its own", () => {
    const found = catalog({
      "usr/lib/os-release": "ID=wolfi\nVERSION_ID=20230201\n",
      lib: { link: "usr/lib" },
      [`usr/${DB}`]: entry("a", "1"),
      "rootfs/etc/os-release": "ID=alpine\nVERSION_ID=3.1\n",
      [`rootfs/usr/${DB}`]: entry("a", "1"),
    });
    expect(found.packages.map((one) => one.purl)).toEqual([
      "pkg:apk/alpine/a@1?arch=x86_64&distro=alpine-3.1",
      "pkg:apk/wolfi/a@1?arch=x86_64&distro=wolfi-20230201",
    ]);
  });

  it("links names and what is provided, not conflicts; world is what was asked for", () => {
    const found = catalog({
      [DB]:
        entry("app", "1", "D:so:libc.so.1 cmd:sh>=1 !vlan base~2\n") +
        entry("musl", "1", "p:so:libc.so.1=1\n") +
        entry("busybox", "1", "p:cmd:sh=1 /bin/sh\n") +
        entry("vlan", "1") +
        entry("base", "2", "D:base\n"),
      "etc/apk/world": "app>1 base@edge\n!vlan\ncmd:sh\n",
    });
    const id = (name: string): string => `pkg:apk/${name}@${name === "base" ? 2 : 1}?arch=x86_64`;
    expect(found.edges).toEqual(["base", "busybox", "musl"].map((to) => ({ from: id("app"), to: id(to) })));
    expect(found.direct).toEqual(["app", "base", "busybox"].map(id));
  });

  it("finds the layer of each version and owns files under their real paths", () => {
    const found = catalog(
      { [DB]: entry("a", "1") },
      {
        [DB]: entry("a", "1") + entry("b", "1", "F:lib\nR:x\nZ:Q1\nF:\nR:top\n"),
        lib: { link: "usr/lib" },
        "usr/lib/x": "",
      },
    );
    expect(found.packages.map((one) => one.introducedIn)).toEqual([0, 1]);
    const files = new Set(["usr/lib/x", "lib/x", "top", "other"]);
    expect([...(found.owned?.(files).keys() ?? [])]).toEqual(["usr/lib/x", "top"]);
  });

  it("states entries that it cannot use", () => {
    const found = catalog({ [DB]: `${entry("a", "1")}P:bad name\nV:1\n\nV:2\n` });
    expect(found.packages).toHaveLength(1);
    expect(found.unknowns).toEqual([{ path: DB, layer: 0, reason: "2 entries without a usable name or version" }]);
  });

  it("answers any database", () => {
    const piece = fc.constantFrom("P:a\n", "V:1\n", "\n", "F:a\n", "R:\n", "D:a !b c=1\n", "p:b=\n", ":", "L:(((\n");
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(piece).map((all) => all.join("")),
    );
    fc.assert(
      fc.property(text, (content) => {
        expect(catalog({ [DB]: content }, { [DB]: `${content}\n` }).completeness).toMatch(/complete$/);
      }),
    );
  });
});
