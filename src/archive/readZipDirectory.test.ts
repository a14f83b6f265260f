import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readZipDirectory } from "#archive/readZipDirectory.ts";
import { readZipEntry } from "#archive/readZipEntry.ts";
import { zipArchive } from "../../test/fakes/zipBytes.ts";
import type { RawZip, RawZipEntry } from "../../test/fakes/zipBytes.ts";

const contents = (bytes: Buffer): readonly string[] =>
  readZipDirectory(bytes, 100).entries.map((entry) => `${entry.name}=${readZipEntry(bytes, entry, 1000).toString()}`);

const read = (entry: RawZipEntry, maxSize = 1000): (() => unknown) => {
  const bytes = zipArchive([entry]);
  const [found] = readZipDirectory(bytes, 100).entries;
  return () => found && readZipEntry(bytes, found, maxSize);
};

const TWO: readonly RawZipEntry[] = [
  { name: "a/é", body: "deflated ".repeat(20) },
  { name: "b", body: "stored", stored: true },
];
const HAVE = [`a/é=${"deflated ".repeat(20)}`, "b=stored"];

describe("readZipDirectory", () => {
  it.each<[string, readonly RawZipEntry[], RawZip]>([
    ["plain", TWO, {}],
    ["with a script before it", TWO, { before: '#!/bin/sh\nexec java -jar "$0"\n' }],
    ["with a comment", TWO, { comment: "PK made by hand" }],
    ["with a zip64 end", TWO, { zip64: true, before: "#!/bin/sh\n" }],
    ["with zip64 entries", TWO.map((entry) => ({ ...entry, zip64: true })), {}],
    ["with data descriptors", TWO.map((entry) => ({ ...entry, descriptor: true })), {}],
  ])("reads an archive %s", (_, entries, how) => {
    expect(contents(zipArchive(entries, how))).toEqual(HAVE);
    expect(readZipDirectory(zipArchive(entries, how), 2).damage).toBeUndefined();
  });

  it("takes the last end record that has a directory before it", () => {
    const inner = zipArchive([{ name: "inner" }]);
    expect(contents(zipArchive([{ name: "outer", body: inner, stored: true }])).map((one) => one.slice(0, 5))).toEqual([
      "outer",
    ]);
    expect(contents(zipArchive(TWO, { comment: "PK\u0005\u0006".padEnd(30, "x") }))).toEqual(HAVE);
    expect(contents(zipArchive(TWO, { comment: "PK\u0005\u0006".padEnd(22, "\0") }))).toEqual(HAVE);
  });

  it("finds entries by their own headers where the directory is lost, and says so", () => {
    for (const descriptor of [false, true]) {
      const cut = zipArchive(
        TWO.map((entry) => ({ ...entry, descriptor })),
        { cut: true, before: "#!\n" },
      );
      expect(contents(cut)).toEqual(HAVE);
      expect(readZipDirectory(cut, 2).damage).toContain("no central directory");
      expect(contents(cut.subarray(0, -20))).toEqual(HAVE.slice(0, 1));
    }
  });

  it("refuses what is no archive, and one that is broken, of several volumes or too long", () => {
    const code = (bytes: Buffer, max = 100): unknown => {
      try {
        return readZipDirectory(bytes, max).entries.length;
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(code(Buffer.alloc(0))).toBe("not a zip archive");
    expect(code(Buffer.from("text".repeat(10)))).toBe("not a zip archive");
    expect(code(zipArchive([]))).toBe(0);
    expect(code(zipArchive(TWO), 1)).toBe("zip archive of more than 1 entries");
    expect(code(zipArchive(TWO, { cut: true }), 1)).toBe("zip archive of more than 1 entries");
    const broken = zipArchive(TWO);
    broken[broken.lastIndexOf("PK\u0001\u0002", undefined, "latin1")] = 0;
    expect(code(broken)).toBe("zip archive with a broken central directory at entry 2");
    const volumes = zipArchive(TWO);
    volumes[volumes.length - 18] = 1;
    expect(code(volumes)).toBe("zip archive of several volumes");
  });

  it("reads no entry that lies about itself", () => {
    expect(read({ name: "x", body: "abc", flags: 1 })).toThrow("is encrypted");
    expect(read({ name: "x", body: "abc", method: 12 })).toThrow("compressed by method 12");
    expect(read({ name: "x", body: "abc", offset: 7 })).toThrow("no header at its place");
    expect(read({ name: "x", body: "abc", compressedSize: 5000 })).toThrow("after the end of the archive");
    expect(read({ name: "x", body: "abc", size: 1 })).toThrow("cannot be inflated to the size it states");
    expect(read({ name: "x", body: "abc", size: 4 })).toThrow("inflates to another size");
    expect(read({ name: "x", body: "abc", size: 2, stored: true })).toThrow("stored in another size");
    expect(read({ name: "x", body: "abc", size: 900 * 1024 ** 2 }, 1024 ** 3)).toThrow(
      "a size that its data cannot have",
    );
    expect(read({ name: "x", body: "x".repeat(1001) })).toThrow("archived file of more than 1000 bytes");
    expect(read({ name: "x", body: "x".repeat(1000) })).not.toThrow();
  });

  it("reads back whatever was written", () => {
    const entry = fc.record({
      name: fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).map((name) => name.toWellFormed()),
      body: fc.string({ maxLength: 200 }),
      stored: fc.boolean(),
      zip64: fc.boolean(),
    });
    const how = fc.record({ before: fc.string({ maxLength: 50 }), zip64: fc.boolean() });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 8 }), how, (entries, options) => {
        const found = contents(zipArchive(entries, options));
        expect(found).toEqual(entries.map(({ name, body }) => `${name}=${body}`));
      }),
    );
  });
});
