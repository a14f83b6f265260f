import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Findings } from "#sbom/cataloger.ts";
import { npm } from "#sbom/cataloger/npm.ts";
import { readPnp } from "#sbom/npm/readPnp.ts";
import { codeOf } from "../../../test/fakes/codeOf.ts";
import { fakeImage } from "../../../test/fakes/imageView.ts";
import type { FakeLayer } from "../../../test/fakes/imageView.ts";
import { zipArchive } from "../../../test/fakes/zipBytes.ts";

const catalog = (layer: FakeLayer): Findings => npm.catalog(fakeImage([layer], [npm]).view);
const manifest = (name: string, version: string): string => JSON.stringify({ name, version });
const archive = (...packages: readonly (readonly [string, string])[]): Buffer =>
  zipArchive(packages.map(([directory, text]) => ({ name: `${directory}/package.json`, body: text })));

type Info = readonly [location: string, dependencies: readonly (readonly [string, unknown])[]];
const pnp = (packages: Readonly<Record<string, Info>>): object => ({
  __info: ["it's 'quoted'"],
  packageRegistryData: Object.entries(packages).map(([locator, [packageLocation, packageDependencies]]) => {
    const [name, reference] = locator.split("|");
    return [name === "" ? null : name, [[reference, { packageLocation, packageDependencies, linkType: "HARD" }]]];
  }),
});
// As Yarn 4 writes it: JSON in single quotes, each line ended by a backslash.
const program = (data: object): string => {
  const text = JSON.stringify(data, undefined, 2).replace(/[\\']/g, "\\$&").replaceAll("\n", "\\\n");
  return `#!/usr/bin/env node\nconst RAW_RUNTIME_STATE =\n'${text}';\nfunction $$SETUP_STATE(hydrateRuntimeState) {}`;
};
const inline = (data: object): string =>
  `function f(hydrateRuntimeState, p) {\n return hydrateRuntimeState(${JSON.stringify(data)}, {basePath: p});}`;

const DATA = pnp({
  "|": ["./", [["debug", "virtual:1#npm:2.6.9"]]],
  "shop|workspace:.": [
    "./",
    [
      ["debug", "virtual:1#npm:2.6.9"],
      ["peer", null],
      ["other", ["ms", "npm:2.0.0"]],
    ],
  ],
  "debug|virtual:1#npm:2.6.9": [
    "./.yarn/__virtual__/debug-virtual-1/0/cache/debug.zip/node_modules/debug/",
    [["ms", "npm:2.0.0"]],
  ],
  "ms|npm:2.0.0": ["../root/.yarn/berry/cache/ms.zip/node_modules/ms/", [["gone", "npm:1.0.0"]]],
  "native|npm:1.0.0": ["./.yarn/unplugged/native/node_modules/native/", [["ms", "npm:2.0.0"]]],
  "gone|npm:1.0.0": ["./.yarn/cache/gone.zip/node_modules/gone/", []],
});
const FILES: FakeLayer = {
  "app/package.json": manifest("shop", "1.0.0"),
  "app/.yarn/cache/debug.zip": archive(
    ["node_modules/debug", manifest("debug", "2.6.9")],
    ["node_modules/debug/src", manifest("inner", "0.0.0")],
    ["node_modules/debug/node_modules/bundled", manifest("bundled", "3.0.0")],
  ),
  "root/.yarn/berry/cache/ms.zip": archive(["node_modules/ms", manifest("ms", "2.0.0")]),
  "app/.yarn/unplugged/native/node_modules/native/package.json": manifest("native", "1.0.0"),
  "app/.yarn/cache/unused.zip": archive(["node_modules/unused", manifest("unused", "1.0.0")]),
  "app/elsewhere/x.zip": archive(["node_modules/x", manifest("x", "1.0.0")]),
};

describe("Plug'n'Play", () => {
  it.each([
    [".pnp.cjs", program(DATA)],
    [".pnp.cjs", inline(DATA)],
    [".pnp.data.json", JSON.stringify(DATA)],
  ])("finds the packages that it loads out of archives, and its edges: %s", (name, text) => {
    const found = catalog({ ...FILES, [`app/${name}`]: text });
    expect(found.packages.map((one) => [one.purl, one.occurrences[0]?.path])).toEqual([
      ["pkg:npm/bundled@3.0.0", "app/.yarn/cache/debug.zip:node_modules/debug/node_modules/bundled/package.json"],
      ["pkg:npm/debug@2.6.9", "app/.yarn/cache/debug.zip:node_modules/debug/package.json"],
      ["pkg:npm/ms@2.0.0", "root/.yarn/berry/cache/ms.zip:node_modules/ms/package.json"],
      ["pkg:npm/native@1.0.0", "app/.yarn/unplugged/native/node_modules/native/package.json"],
      ["pkg:npm/shop@1.0.0", "app/package.json"],
    ]);
    expect(found.edges.map(({ from, to }) => `${from} ${to}`.replaceAll("pkg:npm/", ""))).toEqual([
      "debug@2.6.9 ms@2.0.0",
      "native@1.0.0 ms@2.0.0",
      "shop@1.0.0 debug@2.6.9",
      "shop@1.0.0 ms@2.0.0",
    ]);
    expect(found.unknowns).toEqual([]);
  });

  it("lists nothing of a cache that no project loads from", () => {
    expect(catalog({ ...FILES, "app/.pnp.cjs": program(pnp({})) }).packages.map(({ name }) => name)).toEqual([
      "native",
      "shop",
    ]);
  });

  it("states archives and programs that it cannot read", () => {
    const image = fakeImage([{ ".pnp.cjs": "require('fs')", ".yarn/cache/a.zip": "PK" }], [npm]);
    expect(image.unknowns.map(({ path }) => path)).toEqual([".pnp.cjs", ".yarn/cache/a.zip"]);
  });

  it.each([
    "",
    "RAW_RUNTIME_STATE =",
    "RAW_RUNTIME_STATE = 'x",
    "hydrateRuntimeState({",
    "hydrateRuntimeState({}}",
    "[]",
  ])("refuses %j", (text) => expect([undefined, "INPUT_INVALID"]).toContain(codeOf(() => readPnp(Buffer.from(text)))));

  it("answers any data", () => {
    const place = fc.constantFrom("./", "../../..", "__virtual__/a/9/b", "$$virtual", "x.zip", ".yarn/cache/debug.zip");
    fc.assert(
      fc.property(fc.json(), place, fc.json(), (registry, location, dependencies) => {
        const inner = { packageLocation: location, packageDependencies: JSON.parse(dependencies) as unknown };
        for (const data of [JSON.parse(registry) as unknown, [["a", [["npm:1", inner]]]]]) {
          const text = program({ packageRegistryData: data });
          expect(catalog({ ...FILES, "app/.pnp.cjs": text }).unknowns).toEqual([]);
        }
      }),
      { numRuns: 30 },
    );
  });
});
