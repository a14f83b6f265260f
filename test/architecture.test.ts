import { globSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { checkArchitecture } from "./architecture/checkArchitecture.ts";
import type { Room, Rules } from "./architecture/checkArchitecture.ts";

const QUIET_NODE = ["crypto", "util", "stream", "buffer"];
const PURE = ["core", "archive", "ledger", "claims", "trust", "sbom", "vuln", "policy", "records", "app"];

const pure = (room: Room): Room => ({ node: QUIET_NODE, ...room });
const shell = (npm: readonly string[]): Room => ({ imports: ["core", "app"], types: PURE, npm });

// The design's import table and package table: a room may import what is named here and nothing else.
const RULES: Rules = {
  pure: PURE,
  rooms: {
    core: pure({ imports: [] }),
    archive: pure({ imports: ["core"], node: [...QUIET_NODE, "zlib"] }),
    ledger: pure({ imports: ["core"] }),
    claims: pure({
      imports: ["core"],
      npm: [
        "@sigstore/verify",
        "@sigstore/bundle",
        "@sigstore/core",
        "@sigstore/protobuf-specs",
        "@noble/curves",
        "re2js",
      ],
    }),
    trust: pure({
      imports: ["core", "claims", "ledger"],
      npm: [
        "@sigstore/verify",
        "@sigstore/bundle",
        "@sigstore/core",
        "@sigstore/protobuf-specs",
        "@noble/curves",
        "re2js",
        "yaml",
      ],
    }),
    sbom: pure({ imports: ["core", "archive"], npm: ["spdx-*"], node: [...QUIET_NODE, "zlib"] }),
    vuln: pure({ imports: ["core"], types: ["sbom"] }),
    policy: pure({
      imports: ["core", "sbom", "vuln"],
      types: ["claims", "trust"],
      npm: ["yaml", "zod", "@bufbuild/cel", "re2js"],
    }),
    net: { imports: ["core"], npm: ["undici"] },
    registry: { imports: ["core", "net", "archive"], npm: ["bcryptjs"] },
    sigstore: { imports: ["core", "net", "claims", "trust", "ledger"], npm: ["@sigstore/*"] },
    kube: { imports: ["core", "net"], npm: ["yaml"] },
    keys: { imports: ["core", "claims", "net", "kube"], npm: ["@noble/*"] },
    records: pure({ imports: ["core"], types: ["claims", "policy", "sbom"] }),
    store: { imports: ["core", "records"], types: ["claims", "policy", "sbom"], npm: ["kysely", "pg", "pg-boss"] },
    host: { imports: ["core", "archive"], types: ["trust", "sbom"] },
    devsigstore: { imports: ["core", "claims", "trust", "ledger", "net"], npm: ["@sigstore/*"] },
    app: pure({
      imports: ["core", "archive", "claims", "trust", "sbom", "vuln", "policy", "ledger", "records"],
      npm: ["yaml"],
    }),
    cli: shell(["commander", "yaml"]),
    api: shell(["hono", "zod", "jose"]),
    webhook: shell(["hono"]),
    main: { imports: ["*"], npm: ["*"] },
  },
};

const readSources = (): readonly { path: string; text: string }[] =>
  globSync("src/**/*.ts", { exclude: ["src/**/*.test.ts"] })
    .map((path) => path.replaceAll("\\", "/"))
    .toSorted()
    .map((path) => ({ path, text: readFileSync(path, "utf8") }));

const check = (path: string, text: string): readonly string[] => checkArchitecture(RULES, [{ path, text }]);

describe("the house", () => {
  it("keeps to its tables", () => {
    const sources = readSources();
    expect(sources.length).toBeGreaterThan(20);
    expect(checkArchitecture(RULES, sources)).toEqual([]);
  });

  // Whatever else lay there, no rule and no linter of modules would look at it.
  it("holds nothing but TypeScript in rooms", () => {
    const files = globSync("src/**", { withFileTypes: true })
      .filter((one) => one.isFile())
      .map((one) => relative(".", join(one.parentPath, one.name)).replaceAll("\\", "/"));
    const isAtHome = (path: string): boolean => {
      const [, room = ""] = /^src\/([a-z]+)\/.+\.ts$/.exec(path) ?? [];
      return Object.hasOwn(RULES.rooms, room);
    };
    expect(files.length).toBeGreaterThan(20);
    expect(files.filter((path) => !isAtHome(path))).toEqual([]);
  });
});

describe("the check itself", () => {
  it.each([
    ["src/core/x.ts", `import { y } from "#archive/y.ts";`, "core may not import archive"],
    ["src/core/x.ts", `import type { Y } from "#archive/y.ts";`, "core may not import archive"],
    ["src/core/x.ts", `export * from "#app/y.ts";`, "core may not import app"],
    ["src/core/x.ts", `export const f = () => import("#net/y.ts");`, "core may not import net"],
    ["src/core/x.ts", `export type T = import("#net/y.ts").T;`, "core may not import net"],
    ["src/app/x.ts", `import { y } from "#registry/y.ts";`, "app may not import registry"],
    ["src/cli/x.ts", `import { y } from "#trust/y.ts";`, "may import types of trust, not values"],
    ["src/cli/x.ts", `import { type Y, z } from "#trust/y.ts";`, "may import types of trust, not values"],
    ["src/vuln/x.ts", `export { y } from "#sbom/y.ts";`, "may import types of sbom, not values"],
    ["src/net/x.ts", `import { y } from "../core/y.ts";`, "leaves the room"],
    ["src/net/x.ts", `import { y } from "#core/y";`, "does not end in .ts"],
    ["src/net/x.ts", `import manifest from "../../package.json" with { type: "json" };`, "leaves the room"],
    ["src/net/x.ts", `export const f = (name: string) => import(name);`, "only shows when it runs"],
    ["src/core/x.ts", `import { readFileSync } from "node:fs";`, "may not use node:fs"],
    ["src/trust/x.ts", `import { inflateSync } from "node:zlib";`, "may not use node:zlib"],
    ["src/core/x.ts", `import { z } from "zod";`, "may not use the npm package zod"],
    ["src/sbom/x.ts", `import x from "@noble/curves/p256.js";`, "may not use the npm package @noble/curves"],
    ["src/cli/x.ts", `import { fetch } from "undici";`, "may not use the npm package undici"],
    ["src/utils/x.ts", ``, "stands in no room"],
    ["src/x.ts", ``, "stands in no room"],
    ["src/core/x.ts", `export const now = () => Date.now();`, "a pure room uses Date.now"],
    ["src/app/x.ts", `export const now = new Date();`, "a pure room uses new Date()"],
    ["src/app/x.ts", `export const home = process.env["HOME"];`, "a pure room uses process"],
    ["src/trust/x.ts", `import { randomBytes } from "node:crypto";`, "a pure room uses randomBytes"],
    ["src/claims/x.ts", `export const f = () => fetch("https://x");`, "a pure room uses fetch"],
    ["src/net/x.ts", `export const f = () => { throw new Error("x"); };`, "throws a plain Error"],
    ["src/cli/x.ts", `export const f = () => process.exit(1);`, "may call process.exit"],
  ])("refuses in %s: %s", (path, text, reason) => {
    expect(check(path, text)).toEqual([expect.stringContaining(reason)]);
  });

  it.each([
    ["src/archive/x.ts", `import { createGunzip } from "node:zlib"; import type { D } from "#core/d.ts";`],
    ["src/cli/x.ts", `import type { V } from "#trust/v.ts"; import { Command } from "commander";`],
    ["src/keys/x.ts", `import { xsalsa20poly1305 } from "@noble/ciphers/salsa.js"; import fs from "node:fs";`],
    ["src/core/x.ts", `import { pipeline } from "node:stream/promises"; export const d = new Date(0);`],
    ["src/core/x.ts", `import { y } from "./y.ts";`],
    ["src/main/x.ts", `import { any } from "any"; import { y } from "#store/y.ts";`],
  ])("allows in %s: %s", (path, text) => {
    expect(check(path, text)).toEqual([]);
  });

  it("finds a cycle, also one of types, and names its way", () => {
    const files = [
      { path: "src/core/a.ts", text: `import type { B } from "#core/b.ts";` },
      { path: "src/core/b.ts", text: `import { c } from "./c.ts";` },
      { path: "src/core/c.ts", text: `export { a } from "#core/a.ts";` },
    ];
    expect(checkArchitecture(RULES, files)).toEqual([
      "src/core/a.ts: imports itself through src/core/b.ts -> src/core/c.ts -> src/core/a.ts",
    ]);
  });

  it("refuses to judge what it cannot parse", () => {
    expect(() => check("src/core/x.ts", "import {")).toThrow(SyntaxError);
  });
});
