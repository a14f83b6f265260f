import { zstdCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { inflateZstdWhole } from "#archive/inflateZstdWhole.ts";
import { codeOf } from "../../test/fakes/codeOf.ts";

const frame = zstdCompressSync(Buffer.alloc(1000, "a"));

describe("inflateZstdWhole", () => {
  it("inflates all frames, skippable ones left out", () => {
    const skippable = Buffer.from("502a4d180300000061626300", "hex").subarray(0, 11);
    const bytes = Buffer.concat([skippable, frame, frame]);
    expect(inflateZstdWhole(bytes, 2000, "x").toString()).toBe("a".repeat(2000));
  });

  it.each([
    ["one frame over the limit", frame, 999, "LIMIT_EXCEEDED"],
    ["frames that are over it together", Buffer.concat([frame, frame]), 1999, "LIMIT_EXCEEDED"],
    ["a cut frame", frame.subarray(0, -1), 2000, "INPUT_INVALID"],
    ["what is no zstd", Buffer.from("zstd"), 2000, "INPUT_INVALID"],
  ])("refuses %s", (_, bytes, cap, code) => expect(codeOf(() => inflateZstdWhole(bytes, cap, "x"))).toBe(code));
});
