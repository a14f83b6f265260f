import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { writeTar } from "#archive/writeTar.ts";
import type { TarSource } from "#archive/tarSource.ts";
import { readAll } from "#core/verifiedBytes.ts";

const CAP = 64 * 1024 * 1024;

async function* chunks(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

const file = (path: string, text: string | Uint8Array, mode = 0o644): TarSource => {
  const bytes = Buffer.from(text);
  return { path, type: "file", mode, size: bytes.length, open: () => chunks(bytes) };
};

const write = (entries: readonly TarSource[]): Promise<Buffer> => readAll(writeTar(entries), CAP, "the archive");

/** GNU tar's own listing: the judge of what we wrote. */
const withTar = (archive: Buffer, ...args: readonly string[]): string => {
  const folder = mkdtempSync(join(tmpdir(), "tar-"));
  try {
    writeFileSync(join(folder, "a.tar"), archive);
    return execFileSync("tar", [...args, "-f", join(folder, "a.tar")], {
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "C.UTF-8", TZ: "UTC" },
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
};

describe("writeTar", () => {
  it("writes what GNU tar lists: sorted, parents first, no owner, no time", async () => {
    const archive = await write([
      { path: "z", type: "symlink", mode: 0o777, linkTarget: "usr/bin/tool" },
      file("usr/bin/tool", "#!/bin/sh\n", 0o4755),
      { path: "tmp", type: "directory", mode: 0o1777 },
    ]);
    const lines = withTar(archive, "--numeric-owner", "-tv").trim().split("\n");
    expect(lines.map((line) => line.replaceAll(/ +/g, " "))).toEqual([
      "drwxrwxrwt 0/0 0 1970-01-01 00:00 tmp/",
      "drwxr-xr-x 0/0 0 1970-01-01 00:00 usr/",
      "drwxr-xr-x 0/0 0 1970-01-01 00:00 usr/bin/",
      "-rwsr-xr-x 0/0 10 1970-01-01 00:00 usr/bin/tool",
      "lrwxrwxrwx 0/0 0 1970-01-01 00:00 z -> usr/bin/tool",
    ]);
  });

  it("carries long and non-ASCII names and link targets in PAX records", async () => {
    const long = `${"d".repeat(90)}/${"e".repeat(90)}/${"f".repeat(90)}`;
    const archive = await write([
      file(long, "long"),
      file("größe-日本", "utf8"),
      { path: "link", type: "symlink", mode: 0o777, linkTarget: `/${long}` },
    ]);
    const listed = withTar(archive, "--quoting-style=literal", "-tv");
    expect(listed).toContain(` ${long}\n`);
    expect(listed).toContain(" größe-日本\n");
    expect(listed).toContain(`link -> /${long}\n`);
    expect(withTar(archive, "-xO", long)).toBe("long");
  });

  it("keeps every file's bytes, whatever their length", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), fc.uint8Array({ maxLength: 600 }), async (one, two) => {
        const archive = await write([file("a", one), file("b", two)]);
        expect(archive.length % 512).toBe(0);
        const start = 512;
        expect(archive.subarray(start, start + one.length)).toEqual(Buffer.from(one));
        const second = start + Math.ceil(one.length / 512) * 512 + 512;
        expect(archive.subarray(second, second + two.length)).toEqual(Buffer.from(two));
      }),
      { numRuns: 50 },
    );
  });

  it("gives the same bytes for the same entries in any order", async () => {
    const entries = [file("b/c", "1"), file("a", "2"), file("b-1", "3")];
    expect(await write(entries)).toEqual(await write(entries.toReversed()));
  });

  it.each(["/etc/passwd", "../up", "a/../b", "a//b", "a/", "", "./a", "a\0b"])("refuses the path %j", async (path) => {
    await expect(write([file(path, "x")])).rejects.toMatchObject({ code: "INPUT_INVALID" });
  });

  it("refuses the same path twice, and a file below a link", async () => {
    await expect(write([file("a", "1"), file("a", "2")])).rejects.toMatchObject({ code: "INPUT_INVALID" });
    const link: TarSource = { path: "lib", type: "symlink", mode: 0o777, linkTarget: "usr/lib" };
    await expect(write([link, file("lib/x", "1")])).rejects.toMatchObject({ code: "INPUT_INVALID" });
  });

  it("says that a file shrank or grew under its hands", async () => {
    const lying = (size: number): TarSource => ({
      path: "a",
      type: "file",
      mode: 0o644,
      size,
      open: () => chunks(Buffer.from("four")),
    });
    await expect(write([lying(5)])).rejects.toMatchObject({ code: "SIZE_SHORT" });
    await expect(write([lying(3)])).rejects.toMatchObject({ code: "SIZE_LONG" });
  });
});
