import { zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dpkg } from "#sbom/cataloger/dpkg.ts";
import { osRelease } from "#sbom/cataloger/osRelease.ts";
import { readChiselManifest } from "#sbom/dpkg/readChiselManifest.ts";
import { codeOf } from "../../../test/fakes/codeOf.ts";
import { fakeImage } from "../../../test/fakes/imageView.ts";

// Lines as chisel's public/jsonwall and public/manifest write them.
const SHA = "ab".repeat(32);
const ENTRIES = [
  { kind: "content", slice: "openssl_bins", path: "/usr/bin/openssl" },
  { kind: "package", name: "base-files", version: "13ubuntu10.2", sha256: SHA, arch: "amd64" },
  { kind: "package", name: "openssl", version: "3.0.13-0ubuntu3.5", sha512: SHA + SHA, sha256: "short", arch: "amd64" },
  { kind: "path", path: "/usr/bin/", mode: "0755", slices: ["base-files_base", "openssl_bins"] },
  { kind: "path", path: "/usr/bin/openssl", mode: "0755", slices: ["openssl_bins"], sha256: SHA, size: 1004 },
  { kind: "slice", name: "base-files_base" },
  { kind: "slice", name: "base-files_chisel" },
  { kind: "slice", name: "openssl_bins" },
];
const wall = (entries: readonly object[], header: object = {}): Buffer => {
  const all = [{ jsonwall: "1.0", schema: "1.0", count: entries.length + 1, ...header }, ...entries];
  return Buffer.from(all.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
};
const MANIFEST = "var/lib/chisel/manifest.wall";
const OS = { "etc/os-release": "ID=ubuntu\nVERSION_ID=24.04\n" };

describe("chisel's manifest", () => {
  it("gives packages, their hashes and slices, and what they own", () => {
    const image = fakeImage(
      [{ ...OS, [MANIFEST]: zstdCompressSync(wall(ENTRIES)), "usr/bin/openssl": "" }],
      [osRelease, dpkg],
    );
    const found = dpkg.catalog(image.view);
    const id = "pkg:deb/ubuntu/openssl@3.0.13-0ubuntu3.5?arch=amd64&distro=ubuntu-24.04";
    expect(found.packages.map((one) => [one.name, one.hashes, one.properties])).toEqual([
      ["base-files", [{ algorithm: "SHA-256", hex: SHA }], { slices: "base chisel" }],
      ["openssl", [{ algorithm: "SHA-512", hex: SHA + SHA }], { slices: "bins" }],
    ]);
    expect(found.packages[1]?.id).toBe(id);
    expect([...(found.owned?.(new Set(["usr/bin/openssl"])) ?? [])]).toEqual([["usr/bin/openssl", id]]);
    expect([found.completeness, found.unknowns, image.unknowns]).toEqual(["unknown", [], []]);
  });

  it("adds to dpkg's own record of the same package, and makes no second one", () => {
    const status = "Package: openssl\nStatus: install ok installed\nVersion: 3.0.13-0ubuntu3.5\nArchitecture: amd64\n";
    const layer = { ...OS, [MANIFEST]: zstdCompressSync(wall(ENTRIES)) };
    const both = { ...layer, "var/lib/dpkg/status": `${status}Source: ssl\n` };
    const { packages } = dpkg.catalog(fakeImage([both], [osRelease, dpkg]).view);
    expect(packages.map((one) => [one.name, one.properties, one.occurrences[0]?.path])).toEqual([
      ["base-files", { slices: "base chisel" }, MANIFEST],
      ["openssl", { source: "ssl", slices: "bins" }, "var/lib/dpkg/status"],
    ]);
  });

  it("knows the layer of a package by the manifests before", () => {
    const [first] = ENTRIES.filter((entry) => entry.kind === "package");
    const layers = [
      { ...OS, [MANIFEST]: zstdCompressSync(wall([first ?? {}])) },
      { [MANIFEST]: zstdCompressSync(wall(ENTRIES)) },
    ];
    const { packages } = dpkg.catalog(fakeImage(layers, [osRelease, dpkg]).view);
    expect(packages.map((one) => [one.name, one.introducedIn])).toEqual([
      ["base-files", 0],
      ["openssl", 1],
    ]);
  });

  it("is read from several frames, and states lines that are missing or unusable", () => {
    const text = wall([...ENTRIES, { kind: "package", name: "../x", version: "1" }], { count: 99 });
    const frames = Buffer.concat([zstdCompressSync(text.subarray(0, 50)), zstdCompressSync(text.subarray(50))]);
    const found = dpkg.catalog(fakeImage([{ "opt/manifest.wall": frames }], [dpkg]).view);
    expect(found.packages).toHaveLength(2);
    expect(found.unknowns.map((one) => one.reason)).toEqual([
      "1 entries without a usable name or version",
      "not as many lines as its header says",
    ]);
  });

  it.each([
    ["another schema", zstdCompressSync(wall(ENTRIES, { schema: "2.0" })), "INPUT_INVALID"],
    ["no header", zstdCompressSync(Buffer.from(`${JSON.stringify(ENTRIES[1])}\n`)), "INPUT_INVALID"],
    ["no JSON", zstdCompressSync(Buffer.from("x\n")), "INPUT_INVALID"],
    ["no objects", zstdCompressSync(Buffer.from("[]\n")), "INPUT_INVALID"],
    ["nothing", Buffer.alloc(0), "INPUT_INVALID"],
    ["no zstd", wall(ENTRIES), "INPUT_INVALID"],
    ["a cut frame", zstdCompressSync(wall(ENTRIES)).subarray(0, -20), "INPUT_INVALID"],
  ])("is refused: %s", (_, bytes, code) => expect(codeOf(() => readChiselManifest(bytes))).toBe(code));

  it("answers any lines", () => {
    const value = fc.oneof(
      fc.constantFrom("package", "path", "slice", "a_b", "/a", "a"),
      fc.json(),
      fc.constant(["a_b"]),
    );
    const keys = fc.constantFrom("kind", "name", "version", "arch", "sha256", "slices", "path");
    fc.assert(
      fc.property(fc.array(fc.dictionary(keys, value)), (entries) => {
        expect(readChiselManifest(zstdCompressSync(wall(entries))).isWhole).toBe(true);
      }),
    );
  });
});
