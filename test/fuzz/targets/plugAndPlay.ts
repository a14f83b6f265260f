import { fail } from "node:assert/strict";
import { readPnp } from "#sbom/npm/readPnp.ts";
import type { FuzzTarget } from "../fuzzTarget.ts";

const DATA = JSON.stringify(
  {
    packageRegistryData: [
      [null, [[null, { packageLocation: "./", packageDependencies: [["ms", "npm:2.0.0"]] }]]],
      ["ms", [["npm:2.0.0", { packageLocation: "./.yarn/cache/ms.zip/node_modules/ms/", packageDependencies: [] }]]],
    ],
  },
  undefined,
  1,
);

export const target: FuzzTarget = {
  name: "plugAndPlay",
  seeds: () =>
    [
      `const RAW_RUNTIME_STATE =\n'${DATA.replace(/[\\']/g, "\\$&").replaceAll("\n", "\\\n")}';`,
      `return hydrateRuntimeState(${DATA}, {});`,
      DATA,
    ].map((text) => Buffer.from(text)),
  run: (bytes) => {
    for (const { locator, location } of readPnp(bytes))
      if ([...locator, location].some((part) => typeof part !== "string")) fail("a package without its names");
  },
};
