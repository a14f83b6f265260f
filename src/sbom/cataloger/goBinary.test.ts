import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Findings } from "#sbom/cataloger.ts";
import { goBinary } from "#sbom/cataloger/goBinary.ts";
import { fakeImage } from "../../../test/fakes/imageView.ts";
import type { FakeImage, FakeLayer } from "../../../test/fakes/imageView.ts";
import { machOFile, peFile, universalFile } from "../../../test/fakes/programBytes.ts";

const MODULES =
  "path\te.org/a\nmod\te.org/a\tv1.0.0\t\ndep\te.org/B/c\tv2.0.0\th1:x=\ndep\te.org/d\tv1.0.0\n=>\t./fork\t(devel)\t\n";
const START = Buffer.from("3077af0c9274080241e1c107e6d618e6", "hex");
const END = Buffer.from("f932433186182072008242104116d8f2", "hex");
const wrapped = (modules: string): Buffer => Buffer.concat([START, Buffer.from(modules), END]);

const varint = (value: number): readonly number[] =>
  value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
const withLength = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from(varint(bytes.length)), bytes]);

const inlineBlob = (version: string, modules: string): Buffer => {
  const head = Buffer.alloc(32);
  head.write("\xff Go buildinf:\x08\x02", "latin1");
  return Buffer.concat([head, withLength(Buffer.from(version)), withLength(wrapped(modules))]);
};

/** An ELF file of 64 bits: text and read-only data from 0, data at `data`. Addresses are offsets plus 0x400000. */
const elf = (readOnly: Buffer, data: Buffer, dataFlags = 6): Buffer => {
  const start = 0x1000 + Math.ceil(readOnly.length / 0x1000) * 0x1000;
  const file = Buffer.alloc(start + data.length);
  file.write("\x7fELF\x02\x01\x01", "latin1");
  file.writeBigUInt64LE(64n, 32);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(2, 56);
  const segment = (at: number, flags: number, offset: number, size: number): void => {
    file.writeUInt32LE(1, at);
    file.writeUInt32LE(flags, at + 4);
    file.writeBigUInt64LE(BigInt(offset), at + 8);
    file.writeBigUInt64LE(BigInt(0x400000 + offset), at + 16);
    file.writeBigUInt64LE(BigInt(size), at + 32);
  };
  segment(64, 5, 0, start);
  segment(120, dataFlags, start, data.length);
  file.write("Go\0\0", 0xf78, "latin1");
  readOnly.copy(file, 0x1000);
  data.copy(file, start);
  return file;
};

/** As Go 1.17 links: the blob holds addresses of string headers in the data; the characters are read-only. */
const pointerProgram = (): Buffer => {
  const version = Buffer.from("xxgo1.17.6yy");
  const modules = wrapped(MODULES);
  const readOnly = Buffer.concat([version, modules]);
  const data = Buffer.alloc(200);
  const dataAt = 0x400000 + 0x2000;
  data.write("\xff Go buildinf:\x08\x00", "latin1");
  data.writeBigUInt64LE(BigInt(dataAt + 64), 16);
  data.writeBigUInt64LE(BigInt(dataAt + 128), 24);
  data.writeBigUInt64LE(BigInt(0x401000 + 2), 64);
  data.writeBigUInt64LE(8n, 72);
  data.writeBigUInt64LE(BigInt(0x401000 + version.length), 128);
  data.writeBigUInt64LE(BigInt(modules.length), 136);
  return elf(readOnly, data);
};

const scan = (layers: readonly FakeLayer[], chunkSize = 1000): FakeImage => fakeImage(layers, [goBinary], chunkSize);
const catalog = (...layers: readonly FakeLayer[]): Findings => goBinary.catalog(scan(layers).view);
const purls = (findings: Findings): readonly string[] => findings.packages.map((one) => one.purl);

const PURLS = ["pkg:golang/e.org/B/c@v2.0.0", "pkg:golang/e.org/a@v1.0.0", "pkg:golang/e.org/d"];

describe("goBinary", () => {
  it("describes the main module, what it was built from, and the standard library", () => {
    const found = catalog({ "srv/tool": elf(Buffer.alloc(0), inlineBlob("go1.22.3 X:e", MODULES)) });
    expect(purls(found)).toEqual([...PURLS, "pkg:golang/stdlib@1.22.3"]);
    expect(found.packages[0]).toEqual({
      id: "pkg:golang/e.org/B/c@v2.0.0",
      purl: "pkg:golang/e.org/B/c@v2.0.0",
      type: "golang",
      name: "c",
      namespace: "e.org/B",
      version: "v2.0.0",
      licenses: [],
      occurrences: [{ path: "srv/tool", layer: 0 }],
      introducedIn: 0,
      foundBy: "go-binary",
      technique: "binary-analysis",
      properties: { sum: "h1:x=" },
    });
    expect(found.packages[1]?.isApplication).toBe(true);
    expect(found.packages[3]?.cpes).toEqual(["cpe:2.3:a:golang:go:1.22.3:*:*:*:*:*:*:*"]);
    expect(found.packages[2]).toMatchObject({ version: undefined, unknownReason: "replaced by a local directory" });
    expect(found.edges.map((edge) => `${edge.from} ${edge.to}`)).toEqual(
      [PURLS[0], PURLS[2], "pkg:golang/stdlib@1.22.3"].map((to) => `${PURLS[1]} ${to}`),
    );
  });

  it.each([7, 64, 1000, 4096, 100_000])("finds the blob in chunks of %i bytes, of either form", (chunkSize) => {
    const padding = Buffer.alloc(10_000, 0x61);
    const layer = {
      inline: elf(padding, Buffer.concat([Buffer.alloc(4096), inlineBlob("go1.22.3", MODULES)])),
      pointers: pointerProgram(),
      "windows.exe": Buffer.concat([Buffer.from("MZ"), Buffer.alloc(8190), inlineBlob("go1.21.0", MODULES)]),
    };
    const image = scan([layer], chunkSize);
    expect(image.unknowns).toEqual([]);
    const versions = ["1.17.6", "1.21.0", "1.22.3"].map((version) => `pkg:golang/stdlib@${version}`);
    expect(purls(goBinary.catalog(image.view))).toEqual([...PURLS, ...versions]);
  });

  it("takes the program's own information, not that of a program embedded in it", () => {
    const embedded = inlineBlob("go1.10", "mod\te.org/embedded\tv1.0.0\n");
    const own = inlineBlob("go1.22.3", MODULES);
    const pe = Buffer.concat([
      Buffer.from("MZ"),
      Buffer.alloc(14),
      embedded,
      Buffer.alloc(16 - (embedded.length % 16)),
      own,
    ]);
    for (const program of [elf(embedded, own), pe]) {
      expect(purls(catalog({ program }))).toEqual([...PURLS, "pkg:golang/stdlib@1.22.3"]);
    }
  });

  it("searches the data of PE and Mach-O programs, and each program of a universal file", () => {
    const embedded = { name: "rodata", bytes: inlineBlob("go1.10", "mod\te.org/embedded\tv1.0.0\n") };
    const own = { name: "data", bytes: inlineBlob("go1.22.3", MODULES), data: true };
    const other = { name: "data", bytes: inlineBlob("go1.21.0", MODULES), data: true };
    const padding = { name: "text", bytes: Buffer.alloc(9000) };
    const decoy = { name: "later", bytes: inlineBlob("go1.11", MODULES) };
    for (const make of [peFile, machOFile]) {
      const findings = catalog({ program: make([padding, embedded, own, decoy]) });
      expect(purls(findings)).toEqual([...PURLS, "pkg:golang/stdlib@1.22.3"]);
    }
    const universal = universalFile([machOFile([own]), machOFile([padding, other, decoy])]);
    expect(purls(catalog({ universal }))).toEqual([...PURLS, "pkg:golang/stdlib@1.21.0", "pkg:golang/stdlib@1.22.3"]);
  });

  it("states that nothing can be seen of a packed program", () => {
    const program = elf(Buffer.alloc(0), inlineBlob("go1.22.3", MODULES));
    program.write("UPX!", 0x200);
    const image = scan([{ program }]);
    expect(goBinary.catalog(image.view).packages).toEqual([]);
    expect(image.unknowns.map(({ reason }) => reason)).toEqual([
      "WaybillError: the program is packed by UPX: what it was built from cannot be seen",
    ]);
  });

  it("names the program that was built from a list of files after the module in whose tree that was", () => {
    const modules =
      'path\tcommand-line-arguments\ndep\te.org/a\t(devel)\t\ndep\te.org/b\tv1.0.0\th1:x=\nbuild\t-ldflags="-X main.version=1.2.3"\n';
    const found = catalog({ tool: elf(Buffer.alloc(0), inlineBlob("go1.22.3", modules)) });
    expect(purls(found)).toEqual([
      "pkg:golang/e.org/a@v1.2.3",
      "pkg:golang/e.org/b@v1.0.0",
      "pkg:golang/stdlib@1.22.3",
    ]);
    expect(found.edges).toHaveLength(2);
    const two = catalog({
      tool: elf(Buffer.alloc(0), inlineBlob("go1.22.3", `${modules}dep\te.org/c\t(devel)\t\n`)),
    });
    expect(two.edges).toEqual([]);
  });

  it("finds the layer of a version", () => {
    const program = (version: string): Buffer => elf(Buffer.alloc(0), inlineBlob(version, MODULES));
    const found = catalog({ tool: program("go1.1") }, { tool: program("go1.2") });
    expect(found.packages.map((one) => [one.purl, one.introducedIn])).toEqual([
      ...PURLS.map((purl) => [purl, 0]),
      ["pkg:golang/stdlib@1.2", 1],
    ]);
  });

  it("gives up at the fourth byte of what is no program", () => {
    const entry = { path: "a", type: "file", size: 1e6, mode: 0, linkTarget: undefined, escaped: false } as const;
    const reducer = goBinary.wants(entry);
    expect(reducer?.write(Buffer.from("#!/"))).toBe(true);
    expect(reducer?.write(Buffer.from("b"))).toBe(false);
    expect(reducer?.end()).toBeUndefined();
  });

  it("stops reading an ELF file behind its data", () => {
    const entry = { path: "a", type: "file", size: 1e6, mode: 0, linkTarget: undefined, escaped: false } as const;
    const reducer = goBinary.wants(entry);
    expect(reducer?.write(elf(Buffer.alloc(10), Buffer.alloc(10)))).toBe(false);
    expect(reducer?.end()).toBeUndefined();
  });

  it("states information that lies or is cut off", () => {
    const huge = Buffer.alloc(64);
    huge.write("\xff Go buildinf:\x08\x02", "latin1");
    Buffer.from("8780808080808080404040", "hex").copy(huge, 32);
    const cut = inlineBlob("go1.22.3", MODULES).subarray(0, 60);
    const image = scan([
      {
        huge: elf(Buffer.alloc(0), huge),
        cut: elf(Buffer.alloc(0), cut),
        object: elf(Buffer.alloc(0), inlineBlob("go1.1", ""), 4),
      },
    ]);
    expect(goBinary.catalog(image.view).packages).toEqual([]);
    expect(image.unknowns.map((one) => one.reason.replace(/^.*: /, ""))).toEqual([
      "version of more than 1024 bytes",
      "it is cut off",
      "the file has no data segment",
    ]);
  });

  it("answers any program", () => {
    const sound = elf(Buffer.alloc(100), inlineBlob("go1.22.3", MODULES));
    const old = pointerProgram();
    const change = fc.tuple(fc.nat(8000), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(
        fc.constantFrom(sound, old),
        fc.array(change, { maxLength: 30 }),
        fc.nat(9000),
        (program, changes, length) => {
          const bytes = Buffer.from(program.subarray(0, length));
          for (const [at, value] of changes) bytes[at] = value;
          const image = scan([{ program: bytes }], 1500);
          goBinary.catalog(image.view);
          expect(image.unknowns.every((one) => one.reason.startsWith("WaybillError: "))).toBe(true);
        },
      ),
    );
  });
});
