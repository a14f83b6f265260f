import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EntryType, TarEntry } from "#archive/tarEntry.ts";
import { createEntryList, pathOf, readEntries } from "#sbom/entryList.ts";

const part = fc
  .string({ minLength: 1, maxLength: 6, unit: "binary" })
  .map((text) => text.replaceAll("/", "-").toWellFormed());
const entries = fc.array(
  fc.record({
    path: fc.array(part, { maxLength: 4 }).map((parts) => parts.join("/")),
    type: fc.constantFrom<EntryType>("file", "directory", "symlink", "hardlink", "other"),
    size: fc.maxSafeNat(),
    mode: fc.nat(0o7777),
    linkTarget: fc.option(part, { nil: undefined }),
    escaped: fc.constant(false),
  }),
);

const listOf = (all: readonly TarEntry[]) => {
  const list = createEntryList();
  expect(all.map(list.add)).toEqual([...all.keys()]);
  return list.finish();
};

describe("createEntryList", () => {
  it("gives back what was added, in its order", () => {
    fc.assert(
      fc.property(entries, (all) => {
        const read = [...readEntries(listOf(all))];
        const back = read.map((one) => ({
          path: pathOf(one),
          type: one.type,
          size: one.size,
          mode: one.mode,
          linkTarget: one.target,
        }));
        expect(back.map((one) => ({ ...one, escaped: false }))).toEqual(all);
        expect(read.map(({ ordinal }) => ordinal)).toEqual([...all.keys()]);
      }),
    );
  });

  it("takes some twenty bytes for a file among its siblings", () => {
    const file = { type: "file", size: 4096, mode: 0o644, linkTarget: undefined, escaped: false } as const;
    const all = Array.from({ length: 100_000 }, (_, at) => ({ ...file, path: `usr/lib/dir/file-${at}.txt` }));
    expect(listOf(all).bytes.byteLength / all.length).toBeLessThan(24);
  });
});
