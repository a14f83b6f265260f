import { describe, expect, it } from "vitest";
import { npm } from "#sbom/cataloger/npm.ts";
import { readPnpmLock } from "#sbom/npm/readPnpmLock.ts";
import { readYarnIntegrity } from "#sbom/npm/readYarnIntegrity.ts";
import { codeOf } from "../../../test/fakes/codeOf.ts";
import { fakeImage } from "../../../test/fakes/imageView.ts";

const SRI = `sha512-${Buffer.alloc(64, 7).toString("base64")}`;
const HEX = "07".repeat(64);
const LOCK = `lockfileVersion: '9.0'

importers:

  ms@9.9.9:
    resolution: {integrity: ${SRI}}

packages:

  '@s/a@1.0.0':
    resolution: {integrity: ${SRI}}
    engines: {node: '>=6'}

  b@2.0.0-rc.1:
    resolution: {tarball: https://e.org/b.tgz, integrity: ${SRI}}

  c@file:../c:
    resolution: {directory: ../c, type: directory}

  d@1.0.0:
    resolution: {integrity: sha1-xyz}

snapshots:

  e@1.0.0:
    resolution: {integrity: ${SRI}}
`;

describe("readPnpmLock", () => {
  it("reads the integrity of packages, and of nothing else", () => {
    expect([...readPnpmLock(Buffer.from(LOCK))].map(([key, one]) => [key, one.sha512])).toEqual([
      ["@s/a@1.0.0", HEX],
      ["b@2.0.0-rc.1", HEX],
      ["d@1.0.0", undefined],
    ]);
  });

  it.each([
    ["  /@s/a@1.0.0(peer@2.0.0)(@x/y@1.0.0):", "@s/a@1.0.0"],
    ["  /@s/a/1.0.0_peer@2.0.0:", "@s/a@1.0.0"],
    ["  /a/1.0.0:", "a@1.0.0"],
    ["  'a@1.0.0(b@2.0.0)':", "a@1.0.0"],
  ])("knows the key %s", (key, label) => {
    const lock = `packages:\n${key}\n    resolution: {integrity: ${SRI}}\n    dev: true\n`;
    expect([...readPnpmLock(Buffer.from(lock))]).toEqual([[label, { sha512: HEX, resolved: undefined, dev: true }]]);
  });
});

describe("readYarnIntegrity", () => {
  it("takes the version from the archive's address, and leaves tokens behind", () => {
    const lockfileEntries = {
      "@s/a@^1.0.0": "https://u:t@r.org/@s/a/-/a-1.2.3.tgz?x=1#0123",
      "b@git+ssh://x": "git+ssh://git@e.org/b.git#abc",
      "c@1": "https://codeload.github.com/x/c/tar.gz/main",
      "alias@npm:d@1": "https://r.org/d/-/d-1.0.0.tgz",
    };
    const read = readYarnIntegrity(Buffer.from(JSON.stringify({ lockfileEntries })));
    expect([...read]).toEqual([
      ["@s/a@1.2.3", { sha512: undefined, resolved: "https://r.org/@s/a/-/a-1.2.3.tgz", dev: false }],
    ]);
    expect(codeOf(() => readYarnIntegrity(Buffer.from("[]")))).toBe("INPUT_INVALID");
    expect(readYarnIntegrity(Buffer.from('{"lockfileEntries":[1]}')).size).toBe(0);
  });
});

describe("what package managers remember", () => {
  it("is of the project whose node_modules a package stands in", () => {
    const a = JSON.stringify({ name: "@s/a", version: "1.0.0" });
    const { packages } = npm.catalog(
      fakeImage(
        [
          {
            "app/node_modules/.pnpm/lock.yaml": LOCK,
            "app/node_modules/.pnpm/@s+a@1.0.0/node_modules/@s/a/package.json": a,
            "app/node_modules/.pnpm/d@1.0.0/node_modules/d/package.json": JSON.stringify({
              name: "d",
              version: "1.0.1",
            }),
            "node_modules/.yarn-integrity": JSON.stringify({
              lockfileEntries: { "b@1": "https://r.org/b/-/b-1.0.0.tgz" },
            }),
            "node_modules/b/package.json": JSON.stringify({ name: "b", version: "1.0.0" }),
            "node_modules/b/node_modules/c/package.json": JSON.stringify({ name: "c", version: "1.0.0" }),
          },
        ],
        [npm],
      ).view,
    );
    expect(packages.map((one) => [one.purl, one.hashes?.[0]?.hex, one.properties?.["resolved"]])).toEqual([
      ["pkg:npm/%40s/a@1.0.0", HEX, undefined],
      ["pkg:npm/b@1.0.0", undefined, "https://r.org/b/-/b-1.0.0.tgz"],
      ["pkg:npm/c@1.0.0", undefined, undefined],
      ["pkg:npm/d@1.0.1", undefined, undefined],
    ]);
  });

  it("that cannot be read is stated", () => {
    const found = npm.catalog(fakeImage([{ "node_modules/.yarn-integrity": "x" }], [npm]).view);
    expect(found.unknowns.map(({ path }) => path)).toEqual(["node_modules/.yarn-integrity"]);
  });
});
