import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TarEntry, TarVisitor } from "#archive/tarEntry.ts";
import { TAR_LIMITS } from "#archive/tarLimits.ts";
import type { TarLimits } from "#archive/tarLimits.ts";
import { createTarReader } from "#archive/tarReader.ts";
import { hasCode } from "#core/errors.ts";
import { codeOf } from "../../test/fakes/codeOf.ts";
import { paxBody, tarArchive, tarEntry } from "../../test/fakes/tarBytes.ts";

interface Read {
  readonly entries: readonly TarEntry[];
  /** Content by path, last one wins. */
  readonly contents: Readonly<Record<string, string>>;
  readonly notices: readonly string[];
}

/** Reads an archive in pieces of `step` bytes. */
const read = (archive: Uint8Array, limits: Partial<TarLimits> = {}, step = archive.length + 1): Read => {
  const entries: TarEntry[] = [];
  const contents: Record<string, string> = {};
  const notices: string[] = [];
  const visitor: TarVisitor = {
    visit: (entry) => {
      entries.push(entry);
      const parts: Buffer[] = [];
      return {
        write: (chunk) => parts.push(Buffer.from(chunk)) > 0,
        end: () => (contents[entry.path] = Buffer.concat(parts).toString()),
      };
    },
    notice: (path, reason) => notices.push(`${path}: ${reason}`),
  };
  const reader = createTarReader(visitor, { ...TAR_LIMITS, ...limits }, "layer");
  for (let at = 0; at < archive.length; at += step) {
    // A chunk's memory is used again as soon as the call returns.
    const chunk = Buffer.from(archive.subarray(at, at + step));
    reader.write(chunk);
    chunk.fill(0xaa);
  }
  reader.end();
  return { entries, contents, notices };
};

const paths = (archive: Uint8Array): readonly string[] => read(archive).entries.map((entry) => entry.path);

describe("createTarReader", () => {
  it("reads entries of every kind with their content", () => {
    const archive = tarArchive(
      { name: "./etc/", flag: "5" },
      { name: "etc/a", body: "hello", mode: 0o4755 },
      { name: "etc/b", flag: "2", link: "../x/a" },
      { name: "etc/c", flag: "1", link: "./etc/a" },
      { name: "dev/null", flag: "3" },
    );
    expect(read(archive).entries).toEqual([
      { path: "etc", type: "directory", size: 0, mode: 0o644, linkTarget: undefined, escaped: false },
      { path: "etc/a", type: "file", size: 5, mode: 0o4755, linkTarget: undefined, escaped: false },
      { path: "etc/b", type: "symlink", size: 0, mode: 0o644, linkTarget: "../x/a", escaped: false },
      { path: "etc/c", type: "hardlink", size: 0, mode: 0o644, linkTarget: "etc/a", escaped: false },
      { path: "dev/null", type: "other", size: 0, mode: 0o644, linkTarget: undefined, escaped: false },
    ]);
    expect(read(archive).contents["etc/a"]).toBe("hello");
  });

  it("reads the same however the bytes are cut", () => {
    const archive = tarArchive(
      { name: "PaxHeader", flag: "x", body: paxBody({ path: "a".repeat(300) }) },
      { name: "short", body: "x".repeat(1500) },
      { name: "b", body: "y".repeat(512) },
    );
    const whole = read(archive);
    expect(whole.contents["a".repeat(300)]).toBe("x".repeat(1500));
    for (const step of [1, 7, 511, 512, 513, 1024]) expect(read(archive, {}, step)).toEqual(whole);
  });

  it("joins the ustar prefix, but not what old GNU and star archives keep there", () => {
    const star = (block: Buffer): void => {
      block.write("12345670", 476);
      block.write("tar\0", 508);
    };
    expect(paths(tarArchive({ name: "b", prefix: "a" }))).toEqual(["a/b"]);
    expect(paths(tarArchive({ name: "b", prefix: "14735047000", magic: "ustar  \0" }))).toEqual(["b"]);
    expect(paths(tarArchive({ name: "b", prefix: "a", magic: "ustar\u000000", patch: star }))).toEqual(["a/b"]);
    expect(paths(tarArchive({ name: "b", prefix: "a", magic: "" }))).toEqual(["b"]);
  });

  it("takes PAX path, linkpath and size; a GNU long name beats them", () => {
    const pax = { name: "p", flag: "x", body: paxBody({ path: "pax/é", linkpath: "pax/target", size: "3" }) };
    const long = { name: "././@LongLink", flag: "L", body: "gnu/long\0" };
    const link = { name: "././@LongLink", flag: "K", body: "gnu/target\0" };
    const body = Buffer.concat([tarEntry({ name: "x", size: "00000000000" }), Buffer.alloc(512, "abc\0")]);
    expect(read(tarArchive(pax, body, { name: "next" })).contents["pax/é"]).toBe("abc");
    expect(paths(tarArchive(pax, long, body, { name: "next" }))).toEqual(["gnu/long", "next"]);
    const symlink = { name: "x", flag: "2", link: "short" };
    expect(read(tarArchive(pax, symlink)).entries[0]?.linkTarget).toBe("pax/target");
    expect(read(tarArchive(pax, link, symlink)).entries[0]?.linkTarget).toBe("gnu/target");
  });

  it("ignores global PAX headers as runtimes do, and says so where they name anything", () => {
    const comment = { name: "g", flag: "g", body: paxBody({ comment: "0123" }) };
    const named = { name: "g", flag: "g", body: paxBody({ path: "elsewhere" }) };
    expect(read(tarArchive(comment, { name: "a" }))).toMatchObject({ notices: [], entries: [{ path: "a" }] });
    expect(read(tarArchive(named, { name: "a" }))).toMatchObject({
      notices: [expect.stringContaining("global PAX header")],
      entries: [{ path: "a" }],
    });
  });

  it("reads base-256 sizes and signed checksums", () => {
    const size = Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
    expect(read(tarArchive({ name: "a", body: "hi", size })).contents["a"]).toBe("hi");
    // Each byte beyond 0x7f is 256 less in the signed sum.
    expect(paths(tarArchive({ name: Buffer.from("é"), wrongBy: -512 }))).toEqual(["é"]);
  });

  it.each([
    ["a wrong checksum", tarArchive({ name: "a", wrongBy: 7 })],
    ["a negative size", tarArchive({ name: "a", size: Buffer.alloc(12, 0xff) })],
    [
      "a size beyond 2^53",
      tarArchive({ name: "a", size: Buffer.from([0x80, 0xff, 255, 255, 255, 255, 255, 255, 255]) }),
    ],
    ["a size that is no number", tarArchive({ name: "a", size: "0000000zzzz" })],
    ["a size that is not there", tarEntry({ name: "a", body: "abc", size: "00000077777" })],
    ["an end within a header", tarArchive({ name: "a" }).subarray(0, 300)],
    ["text", Buffer.from("<html>".repeat(200))],
    ["an entry after a single zero block", Buffer.concat([Buffer.alloc(512), tarArchive({ name: "a" })])],
    [
      "a PAX record that lies",
      tarArchive({ name: "p", flag: "x", body: "99999999999999999999 path=a\n" }, { name: "a" }),
    ],
    ["a PAX record of no length", tarArchive({ name: "p", flag: "x", body: "0 =\n" }, { name: "a" })],
    [
      "a PAX size that is no number",
      tarArchive({ name: "p", flag: "x", body: paxBody({ size: "-5" }) }, { name: "a" }),
    ],
  ])("refuses %s", (_, archive) => {
    expect(codeOf(() => read(archive))).toBe("IMAGE_REFUSED");
  });

  it("accepts an archive without its end, and one that lacks the last padding", () => {
    const entry = tarEntry({ name: "a", body: "hello" });
    expect(read(entry).contents["a"]).toBe("hello");
    expect(read(entry.subarray(0, 517)).contents["a"]).toBe("hello");
    expect(codeOf(() => read(entry.subarray(0, 516)))).toBe("IMAGE_REFUSED");
    expect(read(Buffer.alloc(0)).entries).toEqual([]);
  });

  it("reads nothing after the end", () => {
    expect(paths(Buffer.concat([tarArchive({ name: "a" }), tarArchive({ name: "b" })]))).toEqual(["a"]);
  });

  it("expects no content of links and directories, whatever their size says", () => {
    const lying = ["1", "2", "3", "5", "6"].map((flag) => tarEntry({ name: `f${flag}`, flag, size: "00000001000" }));
    const old = tarEntry({ name: "old/", flag: "\0", size: "00000001000" });
    expect(paths(tarArchive(...lying, old, { name: "last" }))).toEqual(["f1", "f2", "f3", "f5", "f6", "old", "last"]);
  });

  it("skips entries whose names are too long, with a notice", () => {
    const pax = { name: "p", flag: "x", body: paxBody({ path: "d/".repeat(3000) }) };
    const found = read(tarArchive(pax, { name: "x", body: "x" }, { name: "b" }));
    expect(found.entries.map((entry) => entry.path)).toEqual(["b"]);
    expect(found.notices).toEqual([expect.stringContaining("name of more than 4096 bytes")]);
  });

  it("stops at its limits", () => {
    const huge = tarEntry({ name: "p", flag: "x", size: "02000000000" });
    expect(codeOf(() => read(huge))).toBe("LIMIT_EXCEEDED");
    const two = tarArchive({ name: "a" }, { name: "b" });
    expect(codeOf(() => read(two, { maxEntries: 1 }))).toBe("LIMIT_EXCEEDED");
    expect(codeOf(() => read(two, { maxEntries: 2 }))).toBeUndefined();
  });

  it("throws only coded errors, whatever it is given", () => {
    const seed = tarArchive(
      { name: "p", flag: "x", body: paxBody({ path: "x", "GNU.sparse.major": "1", "GNU.sparse.minor": "0" }) },
      { name: "a", body: "1\n0\n5\n".padEnd(512, "\0") + "hello" },
      { name: "l", flag: "L", body: "n\0" },
      { name: "b", flag: "S", magic: "ustar  \0", body: "abc" },
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(seed.length - 1), fc.nat(255)), { maxLength: 6 }), (edits) => {
        const archive = Buffer.from(seed);
        for (const [at, byte] of edits) archive[at] = byte;
        for (let at = 0; at + 512 <= archive.length; at += 512) resum(archive.subarray(at, at + 512));
        expect([undefined, "IMAGE_REFUSED", "LIMIT_EXCEEDED"]).toContain(codeOf(() => read(archive)));
      }),
      { numRuns: 500 },
    );
  });
});

/** Makes a header's checksum true again, so that the mutations reach what lies behind it. */
const resum = (block: Buffer): void => {
  if (block.toString("latin1", 257, 262) !== "ustar") return;
  block.fill(" ", 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
};

describe("sparse files", () => {
  const stored = "abcdefgh";
  const real = `${"\0".repeat(10)}abcd${"\0".repeat(6)}efgh${"\0".repeat(6)}`;
  const after = { name: "after", body: "in step" };
  const oct = (value: number): string => `${value.toString(8).padStart(11, "0")}\0`;
  const old = (extended: boolean) => (block: Buffer) => {
    block.write(oct(10) + oct(4) + (extended ? "" : oct(20) + oct(4)), 386, "latin1");
    block[482] = extended ? 1 : 0;
    block.write(oct(30), 483, "latin1");
  };
  const extension = Buffer.alloc(512);
  extension.write(oct(20) + oct(4), 0, "latin1");
  const data = Buffer.alloc(512);
  data.write(stored);
  const gnu = { name: "s", flag: "S", magic: "ustar  \0" };
  const pax = (records: Record<string, string>) => ({ name: "p", flag: "x", body: paxBody(records) });
  const map10 = "2\n10\n4\n20\n4\n".padEnd(512, "\0");
  const pairs = Buffer.concat(
    ["10", "4", "20", "4"].map((value, at) =>
      paxBody({ [at % 2 === 0 ? "GNU.sparse.offset" : "GNU.sparse.numbytes"]: value }),
    ),
  );

  it.each([
    ["old GNU", tarArchive({ ...gnu, body: stored, patch: old(false) }, after)],
    [
      "old GNU with an extension block",
      tarArchive(tarEntry({ ...gnu, size: oct(8), patch: old(true) }), extension, data, after),
    ],
    [
      "PAX 1.0",
      tarArchive(
        pax({ "GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "s", "GNU.sparse.realsize": "30" }),
        { name: "x", body: map10 + stored },
        after,
      ),
    ],
    [
      "PAX 0.1",
      tarArchive(
        pax({ "GNU.sparse.size": "30", "GNU.sparse.map": "10,4,20,4", "GNU.sparse.name": "s" }),
        { name: "x", body: stored },
        after,
      ),
    ],
    [
      "PAX 0.0",
      tarArchive(
        { name: "p", flag: "x", body: Buffer.concat([paxBody({ "GNU.sparse.size": "30" }), pairs]) },
        { name: "s", body: stored },
        after,
      ),
    ],
  ])("%s: fills the holes and stays in step", (_, archive) => {
    for (const step of [1, 100, 512, 10_000]) {
      const found = read(archive, {}, step);
      expect(found.contents).toEqual({ s: real, after: "in step" });
      expect(found.entries[0]).toMatchObject({ path: "s", size: 30 });
    }
  });

  it("leaves out what would be too large with its holes filled, with a notice", () => {
    const found = read(tarArchive({ ...gnu, body: stored, patch: old(false) }, after), { maxSparseBytes: 29 });
    expect(found.contents).toEqual({ after: "in step" });
    expect(found.notices).toEqual(["s: a sparse file of 30 bytes was not read"]);
  });

  it.each([
    ["out of order", "10,4,5,4"],
    ["beyond the end", "10,4,28,4"],
    ["of other bytes than are stored", "10,4,20,3"],
    ["an odd number", "10,4,20"],
    ["no numbers", "a,b"],
  ])("refuses a map that is %s", (_, map) => {
    const archive = tarArchive(pax({ "GNU.sparse.size": "30", "GNU.sparse.map": map }), { name: "s", body: stored });
    expect(codeOf(() => read(archive))).toBe("IMAGE_REFUSED");
  });

  it("refuses a map that is longer than the content it stands in", () => {
    const sparse = { "GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "30" };
    const endless = tarArchive(pax(sparse), { name: "s", body: "9\n1\n" }, after);
    expect(
      hasCode(
        catchError(() => read(endless)),
        "IMAGE_REFUSED",
      ),
    ).toBe(true);
  });
});

const catchError = (action: () => unknown): unknown => {
  try {
    return action();
  } catch (error) {
    return error;
  }
};
