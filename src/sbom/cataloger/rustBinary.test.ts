import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Findings } from "#sbom/cataloger.ts";
import { rustBinary } from "#sbom/cataloger/rustBinary.ts";
import { fakeImage } from "../../../test/fakes/imageView.ts";
import type { FakeImage, FakeLayer } from "../../../test/fakes/imageView.ts";
import { elfFile, machOFile, peFile, universalFile } from "../../../test/fakes/programBytes.ts";

const CRATES = {
  packages: [
    { name: "cc", version: "1.2.20", source: "crates.io", kind: "build" },
    { name: "itoa", version: "1.0.15", source: "crates.io", dependencies: [3] },
    { name: "app", version: "0.9.3", source: "local", dependencies: [0, 1, 3], root: true },
    { name: "serde_json", version: "1.0.140", source: "crates.io", dependencies: [1, 99] },
  ],
};
const listed = (crates: unknown = CRATES): Buffer => deflateSync(Buffer.from(JSON.stringify(crates)));
const TEXT = { name: ".text", bytes: Buffer.alloc(5000, 1) };
const section = (bytes: Buffer): { readonly name: string; readonly bytes: Buffer } => ({ name: ".dep-v0", bytes });
const elf = (bytes: Buffer): Buffer => elfFile([TEXT], [{ name: ".comment", bytes: Buffer.from("x") }, section(bytes)]);

const scan = (layers: readonly FakeLayer[], chunkSize = 1000): FakeImage => fakeImage(layers, [rustBinary], chunkSize);
const catalog = (...layers: readonly FakeLayer[]): Findings => rustBinary.catalog(scan(layers).view);
const ids = (findings: Findings): readonly string[] => findings.packages.map(({ id }) => id);
const reasons = (...layers: readonly FakeLayer[]): readonly string[] =>
  scan(layers).unknowns.map(({ reason }) => reason.replace(/^WaybillError: /, ""));

const IDS = ["pkg:cargo/app?source=local#0.9.3", "pkg:cargo/itoa@1.0.15", "pkg:cargo/serde_json@1.0.140"];

describe("rustBinary", () => {
  it("describes the crates of a program and which needs which, and none that only built it", () => {
    const found = catalog({ "usr/bin/app": elf(listed()) });
    expect(ids(found)).toEqual(IDS);
    expect(found.packages[0]).toEqual({
      id: IDS[0],
      type: "cargo",
      name: "app",
      version: "0.9.3",
      purl: "pkg:cargo/app?source=local",
      isApplication: true,
      technique: "binary-analysis",
      licenses: [],
      occurrences: [{ path: "usr/bin/app", layer: 0 }],
      introducedIn: 0,
      foundBy: "rust-binary",
      properties: { source: "local" },
    });
    expect(found.edges).toEqual([
      { from: IDS[0], to: IDS[1] },
      { from: IDS[0], to: IDS[2] },
      { from: IDS[1], to: IDS[2] },
      { from: IDS[2], to: IDS[1] },
    ]);
    expect(found.completeness).toBe("complete");
  });

  it.each([100, 4096, 100_000])("reads every format in chunks of %i bytes", (chunkSize) => {
    const mach = machOFile([TEXT, { ...section(listed()), data: true }]);
    const programs = {
      elf: elf(listed()),
      elf32: elfFile([TEXT], [section(listed())], { wide: false, big: false }),
      s390x: elfFile([TEXT], [section(listed())], { wide: true, big: true }),
      mips: elfFile([TEXT], [section(listed())], { wide: false, big: true }),
      pe: peFile([TEXT, section(Buffer.concat([listed(), Buffer.alloc(300)]))]),
      mach,
      universal: universalFile([machOFile([TEXT]), mach]),
    };
    const image = scan([programs], chunkSize);
    expect(image.unknowns).toEqual([]);
    const found = rustBinary.catalog(image.view);
    expect(ids(found)).toEqual(IDS);
    expect(found.packages[1]?.occurrences.map(({ path }) => path)).toEqual(Object.keys(programs).toSorted());
  });

  it("says of which layer a crate is", () => {
    const newer = { packages: [...CRATES.packages, { name: "ryu", version: "1.0.1", source: "crates.io" }] };
    const found = catalog({ a: elf(listed()) }, { a: elf(listed(newer)) });
    expect(found.packages.map(({ name, introducedIn }) => `${name} ${introducedIn}`)).toEqual([
      "app 0",
      "itoa 0",
      "ryu 1",
      "serde_json 0",
    ]);
  });

  it("states lists that it cannot read", () => {
    expect(reasons({ a: elf(Buffer.from("no zlib")) })).toEqual([
      "list of crates that cannot be read: it cannot be inflated",
    ]);
    expect(reasons({ a: elf(deflateSync(Buffer.alloc(9_000_000))) })).toEqual([
      "list of crates of more than 8388608 bytes",
    ]);
    expect(reasons({ a: elf(Buffer.alloc(1_100_000)) })).toEqual([
      "list of crates of more than 1048576 compressed bytes",
    ]);
    expect(reasons({ a: elf(listed([])) })).toEqual(["list of crates that cannot be read: it has no packages"]);
    expect(reasons({ a: elf(listed({ packages: [{ name: "a b" }] })) })).toEqual([
      "list of crates that cannot be read: a crate has no usable name",
    ]);
    const cut = peFile([TEXT, section(listed())]).subarray(0, -20);
    expect(reasons({ a: cut })).toEqual(["list of crates that cannot be read: it is cut off"]);
  });

  it("reads one program of a universal file though another one is damaged", () => {
    const mach = (bytes: Buffer): Buffer => machOFile([TEXT, section(bytes)]);
    const found = catalog({ a: universalFile([mach(Buffer.from("damaged")), mach(listed())]) });
    expect(ids(found)).toEqual(IDS);
    expect(found.unknowns).toMatchObject([{ path: "a", reason: expect.stringContaining("cannot be inflated") }]);
  });

  it("answers any program", () => {
    const sound = [elf(listed()), peFile([section(listed()), TEXT]), machOFile([TEXT, section(listed())])];
    const change = fc.tuple(fc.nat(6000), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.constantFrom(...sound), fc.array(change, { maxLength: 20 }), (program, changes) => {
        const bytes = Buffer.from(program);
        for (const [at, value] of changes) bytes[at < 3000 ? at : bytes.length - (at % bytes.length) - 1] = value;
        const image = scan([{ program: bytes }], 1500);
        rustBinary.catalog(image.view);
        expect(image.unknowns.every((one) => one.reason.startsWith("WaybillError: "))).toBe(true);
      }),
    );
  });
});
