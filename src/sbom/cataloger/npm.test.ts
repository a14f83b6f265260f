import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Findings } from "#sbom/cataloger.ts";
import { npm } from "#sbom/cataloger/npm.ts";
import { fakeImage } from "../../../test/fakes/imageView.ts";
import type { FakeLayer } from "../../../test/fakes/imageView.ts";

const catalog = (...layers: readonly FakeLayer[]): Findings => npm.catalog(fakeImage(layers, [npm]).view);
const purls = (findings: Findings): readonly string[] => findings.packages.map((one) => one.purl);
const manifest = (name: string, version = "1.0.0", more: object = {}): string =>
  JSON.stringify({ name, version, ...more });

describe("npm", () => {
  it("describes an installed package with what the hidden lock file remembers", () => {
    const found = catalog({
      "app/node_modules/@s/pkg/package.json": manifest("@s/pkg", "v1.2.3", {
        license: "(MIT OR Apache-2.0)",
        author: { name: "A", email: "a@e.org" },
        homepage: "https://e.org",
        description: "does\nthings",
      }),
      "app/node_modules/.package-lock.json": JSON.stringify({
        packages: {
          "node_modules/@s/pkg": {
            version: "1.2.3",
            resolved: "https://user:token@registry.example/pkg-1.2.3.tgz?auth=1",
            integrity: `sha1-x sha512-${Buffer.alloc(64, 7).toString("base64")}`,
            dev: true,
          },
        },
      }),
    });
    expect(found.packages).toEqual([
      {
        id: "pkg:npm/%40s/pkg@1.2.3",
        purl: "pkg:npm/%40s/pkg@1.2.3",
        type: "npm",
        name: "pkg",
        namespace: "@s",
        version: "1.2.3",
        licenses: [{ expression: "(MIT OR Apache-2.0)" }],
        licenseSource: "package.json, license",
        supplier: "A <a@e.org>",
        description: "does things",
        homepage: "https://e.org",
        hashes: [{ algorithm: "SHA-512", hex: "07".repeat(64) }],
        occurrences: [{ path: "app/node_modules/@s/pkg/package.json", layer: 0 }],
        introducedIn: 0,
        foundBy: "npm",
        properties: { resolved: "https://registry.example/pkg-1.2.3.tgz", dev: "true" },
      },
    ]);
    expect(found.completeness).toBe("incomplete");
  });

  it("tells packages from files that only bear the name", () => {
    const found = catalog({
      "app/package.json": manifest("shop"),
      "app/packages/util/package.json": manifest("@shop/util"),
      "app/test/fixtures/x/package.json": manifest("fixture"),
      "test/package.json": manifest("deployed-in-test"),
      "app/dist/package.json": '{"type":"module"}',
      "ext/package.json": manifest("ext", "1.0.0", { engines: { vscode: "^1" } }),
      "app/node_modules/preact/package.json": manifest("preact"),
      "app/node_modules/preact/compat/package.json": manifest("preact-compat", "4.0.0"),
      "app/node_modules/resolve/package.json": manifest("resolve"),
      "app/node_modules/resolve/test/resolver/biz/node_modules/garply/package.json": manifest("garply"),
      "app/node_modules/outer/vendor/node_modules/inner/package.json": manifest("inner"),
      "app/node_modules/.pnpm/ms@2.0.0/node_modules/ms/package.json": manifest("ms", "2.0.0"),
    });
    expect(purls(found)).toEqual([
      "pkg:npm/%40shop/util@1.0.0",
      "pkg:npm/deployed-in-test@1.0.0",
      "pkg:npm/inner@1.0.0",
      "pkg:npm/ms@2.0.0",
      "pkg:npm/preact@1.0.0",
      "pkg:npm/resolve@1.0.0",
      "pkg:npm/shop@1.0.0",
    ]);
    expect(found.unknowns).toEqual([]);
  });

  it("makes one package of several copies", () => {
    const found = catalog({
      "a/node_modules/ms/package.json": manifest("ms"),
      "b/node_modules/ms/package.json": manifest("ms"),
    });
    expect(found.packages.map((one) => one.occurrences.map((place) => place.path))).toEqual([
      ["a/node_modules/ms/package.json", "b/node_modules/ms/package.json"],
    ]);
  });

  it("resolves dependencies as Node does: nearest first, through links, peers too", () => {
    const found = catalog({
      "app/package.json": manifest("app", "1.0.0", { dependencies: { debug: "*", "@s/util": "*", absent: "*" } }),
      "app/util/package.json": manifest("@s/util"),
      "app/node_modules/@s/util": { link: "../../util" },
      "app/node_modules/debug/package.json": manifest("debug", "4.0.0", { dependencies: { ms: "*" } }),
      "app/node_modules/debug/node_modules/ms/package.json": manifest("ms", "2.1.0"),
      "app/node_modules/ms/package.json": manifest("ms", "2.0.0"),
      "app/node_modules/plugin/package.json": manifest("plugin", "1.0.0", {
        peerDependencies: { debug: "*" },
        optionalDependencies: { ms: "*" },
        devDependencies: { app: "*" },
      }),
    });
    expect(found.edges).toEqual(
      [
        ["app@1.0.0", "%40s/util@1.0.0"],
        ["app@1.0.0", "debug@4.0.0"],
        ["debug@4.0.0", "ms@2.1.0"],
        ["plugin@1.0.0", "debug@4.0.0"],
        ["plugin@1.0.0", "ms@2.0.0"],
      ].map(([from, to]) => ({ from: `pkg:npm/${from}`, to: `pkg:npm/${to}` })),
    );
  });

  it("takes a project at the very root for nobody's dependency that is not there", () => {
    const found = catalog({
      "package.json": manifest("app", "1.0.0", { dependencies: { ms: "*" }, devDependencies: { mocha: "*" } }),
      "node_modules/ms/package.json": manifest("ms", "1.0.0", { dependencies: { absent: "*" } }),
      "node_modules/mocha/package.json": manifest("mocha", "1.0.0", { devDependencies: { ms: "*" } }),
    });
    expect(found.edges.map(({ from, to }) => `${from} ${to}`.replaceAll("pkg:npm/", ""))).toEqual([
      "app@1.0.0 mocha@1.0.0",
      "app@1.0.0 ms@1.0.0",
    ]);
  });

  it("finds the layer of a version", () => {
    const path = "node_modules/ms/package.json";
    const found = catalog(
      { [path]: manifest("ms", "1.0.0") },
      { [path]: manifest("ms", "2.0.0") },
      {
        [path]: manifest("ms", "2.0.0", { license: "MIT" }),
      },
    );
    expect(found.packages.map((one) => [one.version, one.introducedIn, one.occurrences[0]?.layer])).toEqual([
      ["2.0.0", 1, 2],
    ]);
  });

  it("reads odd files as Node does, and states those that it cannot read", () => {
    const odd = (name: string, content: string): FakeLayer => ({ [`node_modules/${name}/package.json`]: content });
    const image = fakeImage(
      [
        {
          ...odd("dup", '{"name":"wrong","version":"0.0.0","name":"dup","version":"1.0.0"}'),
          ...odd("proto", '{"__proto__":{"name":"polluted","version":"6.6.6"},"name":"proto","version":"1.0.0"}'),
          ...odd("bom", `\uFEFF${manifest("bom")}`),
          ...odd(
            "types",
            '{"name":"types","version":7,"author":["x"],"license":[{"type":"MIT"},"ISC"],"dependencies":[]}',
          ),
          ...odd("array", "[]"),
          ...odd("cut", '{"name":"cut",'),
          ...odd("deep", `{"a":${"[".repeat(200)}${"]".repeat(200)}}`),
          ...odd("evil", JSON.stringify({ name: "evil\u0000", version: "1\n2" })),
          ...odd("spoof", JSON.stringify({ name: "../../ms", version: "pkg:npm/x@1?a=b#c" })),
        },
      ],
      [npm],
    );
    const found = npm.catalog(image.view);
    expect(purls(found)).toEqual(["pkg:npm/bom@1.0.0", "pkg:npm/dup@1.0.0", "pkg:npm/proto@1.0.0", "pkg:npm/types"]);
    expect(found.packages[3]).toMatchObject({
      version: undefined,
      unknownReason: "package.json states no usable version",
      licenses: [{ expression: "MIT" }, { expression: "ISC" }],
    });
    expect(found.unknowns.map((one) => one.path)).toEqual([
      "node_modules/evil/package.json",
      "node_modules/spoof/package.json",
    ]);
    expect(image.unknowns.map((one) => one.reason)).toEqual([
      "WaybillError: package.json is not a JSON object",
      "WaybillError: package.json is not valid JSON",
      "WaybillError: package.json nested deeper than 100 levels",
    ]);
  });

  it("collects nothing of a file that announces more than 4 MiB", () => {
    const entry = { path: "package.json", type: "file", mode: 0, linkTarget: undefined, escaped: false } as const;
    const reducer = npm.wants({ ...entry, size: 300 * 1024 * 1024 });
    expect(reducer?.write(new Uint8Array(1))).toBe(false);
    expect(() => reducer?.end()).toThrow("package.json of more than 4194304 bytes");
  });

  it("answers any manifest and any lock file", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string({ unit: "binary" })), fc.json(), (content, lock) => {
        const found = catalog({
          "node_modules/a/package.json": content,
          "package.json": content,
          "node_modules/.package-lock.json": `{"packages":{"node_modules/a":${lock}}}`,
        });
        expect(found.completeness).toBe("incomplete");
      }),
    );
  });
});
