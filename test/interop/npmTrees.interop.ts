import { strict as assert } from "node:assert";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ImageScan } from "#sbom/scanImage.ts";
import { run } from "./run.ts";
import { scanFolder } from "./scanFolder.ts";

// What package managers install, and what they say of it themselves: npm, pnpm and Yarn in its three ways.

const DIR = mkdtempSync(join(tmpdir(), "waybill-npm-"));
const PROJECT = {
  name: "shop",
  version: "1.0.0",
  private: true,
  dependencies: {
    express: "4.21.2",
    react: "18.3.1",
    "react-dom": "18.3.1",
    "@babel/core": "7.26.0",
    chokidar: "3.6.0",
  },
  devDependencies: { mocha: "10.8.2" },
  optionalDependencies: { fsevents: "2.3.3" },
};
const TOOLS = ["pnpm@9.15.9", "yarn@1.22.22", "@yarnpkg/cli-dist@4.9.2", "npm@11.0.0"];
const tool = (path: string): string => join(DIR, "tools/node_modules", path);
const PNPM = tool("pnpm/bin/pnpm.cjs");
const YARN1 = tool("yarn/bin/yarn.js");
const YARN4 = tool("@yarnpkg/cli-dist/bin/yarn.js");

// What the machine trusts: Yarn 4 has a list of its own, without whoever vouches for a mirror here.
const AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt";
const trusted = existsSync(AUTHORITIES) ? { NODE_EXTRA_CA_CERTS: AUTHORITIES } : {};

const call = async (folder: string, program: string, ...args: readonly string[]): Promise<string> => {
  // The machine's own settings too: they may name a mirror, or who vouches for it.
  const env = { ...trusted, ...process.env, npm_config_cache: join(DIR, "cache"), YARN_ENABLE_TELEMETRY: "0", CI: "" };
  const [command, first] = program === "npm" ? ["npm", []] : [process.execPath, [program]];
  const outcome = await run(command, [...first, ...args], { cwd: join(DIR, folder), env, timeoutMs: 280_000 });
  assert.equal(outcome.code, 0, `${outcome.command}\n${outcome.stdout.slice(-2000)}${outcome.stderr.slice(-2000)}`);
  return outcome.stdout;
};

const project = (folder: string, yarnrc?: string): void => {
  mkdirSync(join(DIR, folder), { recursive: true });
  writeFileSync(join(DIR, folder, "package.json"), JSON.stringify(PROJECT));
  if (yarnrc === undefined) return;
  const more = "enableGlobalCache: false\nenableScripts: false\nenableImmutableInstalls: false\n";
  writeFileSync(join(DIR, folder, ".yarnrc.yml"), `nodeLinker: ${yarnrc}\n${more}`);
  writeFileSync(join(DIR, folder, "yarn.lock"), "");
};

/** A tree as `npm ls --json` and `pnpm ls --json` print it. */
interface Listed {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, Listed>>;
  readonly devDependencies?: Readonly<Record<string, Listed>>;
  readonly optionalDependencies?: Readonly<Record<string, Listed>>;
}

/** Packages as `name@version`, edges as `from > to`, each sorted. */
interface Tree {
  readonly packages: readonly string[];
  readonly edges: readonly string[];
}

const sorted = (texts: Iterable<string>): readonly string[] => [...new Set(texts)].toSorted();

const treeOf = (root: Listed): Tree => {
  const packages: string[] = [];
  const edges: string[] = [];
  const visit = (id: string, node: Listed): void => {
    packages.push(id);
    const inner = { ...node.dependencies, ...node.devDependencies, ...node.optionalDependencies };
    for (const [name, child] of Object.entries(inner)) {
      // What is for another platform is wanted and not there.
      if (child.version === undefined) continue;
      edges.push(`${id} > ${name}@${child.version}`);
      visit(`${name}@${child.version}`, child);
    }
  };
  visit(`${root.name}@${root.version}`, root);
  return { packages: sorted(packages), edges: sorted(edges) };
};

const label = (purl: string): string => decodeURIComponent(purl.replace(/^pkg:npm\//, ""));

const foundIn = (scan: ImageScan): Tree => {
  expect(scan.unknowns).toEqual([]);
  const found = scan.packages.filter(({ foundBy }) => foundBy === "npm");
  const ids = new Map(found.map((one) => [one.id, label(one.purl)]));
  const edges = scan.edges
    .filter(({ from }) => ids.has(from))
    .map(({ from, to }) => `${ids.get(from)} > ${ids.get(to)}`);
  return { packages: sorted(ids.values()), edges: sorted(edges) };
};

beforeAll(async () => {
  mkdirSync(join(DIR, "tools"));
  writeFileSync(join(DIR, "tools/package.json"), "{}");
  await call("tools", "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", ...TOOLS);
});
afterAll(() => rmSync(DIR, { recursive: true, force: true }));

describe("trees that package managers install", () => {
  it("npm: as npm ls has it", async () => {
    project("npm");
    await call("npm", "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts");
    const scan = await scanFolder(join(DIR, "npm"));
    const truth = treeOf(JSON.parse(await call("npm", "npm", "ls", "--all", "--json")) as Listed);
    expect(truth.packages.length).toBeGreaterThan(120);
    expect(foundIn(scan)).toEqual(truth);
    const express = scan.packages.find(({ name }) => name === "express");
    expect(express?.hashes?.[0]?.hex).toMatch(/^[0-9a-f]{128}$/);
  });

  it("npm itself: with the dependencies that it bundles", async () => {
    const scan = await scanFolder(join(DIR, "tools"), ["node_modules/npm", "package.json"]);
    const truth = treeOf(
      JSON.parse(await call("tools/node_modules/npm", "npm", "ls", "--all", "--json", "--omit=dev")) as Listed,
    );
    expect(truth.packages.length).toBeGreaterThan(100);
    // It names a directory where we name the package: `wrap-ansi-cjs` holds wrap-ansi 7.
    const named = (texts: readonly string[]): readonly string[] =>
      sorted(texts.map((one) => one.replaceAll("-cjs@", "@")));
    expect(foundIn(scan).packages).toEqual(named(truth.packages));
    expect(foundIn(scan).edges).toEqual(named(truth.edges));
  });

  it("pnpm: through the links of its store, with the hashes of its lock file", async () => {
    project("pnpm");
    await call("pnpm", PNPM, "install", "--ignore-scripts", "--store-dir", join(DIR, "store"));
    const scan = await scanFolder(join(DIR, "pnpm"));
    const [listed] = JSON.parse(await call("pnpm", PNPM, "ls", "--json", "--depth", "Infinity")) as readonly Listed[];
    const truth = treeOf(listed ?? {});
    const found = foundIn(scan);
    // It lists what is for another platform and not there, and a peer that package.json names in peerDependenciesMeta alone.
    const explained = /(?:^|> )fsevents@|^debug@[^ ]+ > supports-color@/;
    expect(found.packages).toEqual(truth.packages.filter((one) => !explained.test(one)));
    expect(found.edges).toEqual(truth.edges.filter((one) => !explained.test(one)));
    expect(found.edges.length).toBeGreaterThan(250);
    const unhashed = scan.packages.filter(({ foundBy, hashes }) => foundBy === "npm" && hashes === undefined);
    expect(unhashed.map(({ name }) => name)).toEqual(["shop"]);
  });

  it("Yarn 1: as npm ls has it, with the addresses that Yarn remembers", async () => {
    project("yarn1");
    await call("yarn1", YARN1, "install", "--ignore-scripts", "--cache-folder", join(DIR, "yarn1-cache"));
    const scan = await scanFolder(join(DIR, "yarn1"));
    expect(foundIn(scan)).toEqual(treeOf(JSON.parse(await call("yarn1", "npm", "ls", "--all", "--json")) as Listed));
    const express = scan.packages.find(({ name }) => name === "express");
    expect(express?.properties?.["resolved"]).toMatch(/^https:.*\/express-4\.21\.2\.tgz$/);
  });

  it("Yarn 4 with node_modules: as npm ls has it", async () => {
    project("yarn4", "node-modules");
    await call("yarn4", YARN4, "install");
    const scan = await scanFolder(join(DIR, "yarn4"));
    expect(foundIn(scan)).toEqual(treeOf(JSON.parse(await call("yarn4", "npm", "ls", "--all", "--json")) as Listed));
  });

  it("Yarn 4 with Plug'n'Play: out of the archives, as yarn info has it", async () => {
    project("pnp", "pnp");
    await call("pnp", YARN4, "install");
    const scan = await scanFolder(join(DIR, "pnp"));
    const truth = yarnTree(await call("pnp", YARN4, "info", "--all", "--recursive", "--json"));
    const found = foundIn(scan);
    const isHere = (one: string): boolean => !/(?:^|> )fsevents@|^fsevents@/.test(one);
    expect(found.packages).toEqual(truth.packages.filter(isHere));
    expect(found.edges.length).toBeGreaterThan(250);
    expect(truth.edges.filter((one) => isHere(one) && !found.edges.includes(one))).toEqual([]);
    // It does not say who brings the peers; .pnp.cjs does.
    const more = found.edges.filter((one) => !truth.edges.includes(one)).map((one) => one.replaceAll(/@[0-9.]+/g, ""));
    expect(more).toEqual([
      "@babel/helper-module-transforms > @babel/core",
      "debug > supports-color",
      "fdir > picomatch",
      "react-dom > react",
      "update-browserslist-db > browserslist",
    ]);
  });
});

// One JSON object in a line for each package: `ms@npm:2.0.0`, `name@virtual:hash#npm:1.0.0`, `shop@workspace:.`.
const yarnTree = (lines: string): Tree => {
  const name = (locator: string): string =>
    locator
      .replace(/@virtual:[^#]*#/, "@")
      .replace("@workspace:.", `@${PROJECT.version}`)
      .replace("@npm:", "@");
  const listed = lines
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly value: string; readonly children: YarnInfo });
  return {
    packages: sorted(listed.map(({ value }) => name(value))),
    edges: sorted(
      listed.flatMap(({ value, children }) =>
        (children.Dependencies ?? []).map(({ locator }) => `${name(value)} > ${name(locator)}`),
      ),
    ),
  };
};

interface YarnInfo {
  readonly Dependencies?: readonly { readonly locator: string }[];
}
