import { describe, expect, it } from "vitest";
import { readCheckpoint, writeCheckpoint } from "#ledger/checkpoint.ts";

const ROOT = Buffer.from("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=", "base64");
const TEXT = `example.com/behind-the-sofa\n20852163\n${ROOT.toString("base64")}\n`;
const CHECKPOINT = { origin: "example.com/behind-the-sofa", size: 20_852_163n, root: ROOT, extensions: [] };
const invalid = expect.objectContaining({ code: "INPUT_INVALID" });

describe("a checkpoint", () => {
  it("is read and written", () => {
    expect(readCheckpoint(TEXT)).toEqual(CHECKPOINT);
    expect(writeCheckpoint(CHECKPOINT)).toBe(TEXT);
    const extended = { ...CHECKPOINT, origin: "rekor.example - 26", size: 0n, extensions: ["Timestamp: 1", "more"] };
    expect(readCheckpoint(writeCheckpoint(extended))).toEqual(extended);
    expect(readCheckpoint(TEXT.replace("20852163", "18446744073709551615")).size).toBe(2n ** 64n - 1n);
  });

  it.each([
    ["no origin", TEXT.slice(TEXT.indexOf("\n"))],
    ["its origin missing", TEXT.slice(TEXT.indexOf("\n") + 1)],
    ["no size", TEXT.replace("20852163\n", "")],
    ["a size with a zero before it", TEXT.replace("2085", "02085")],
    ["a size with a sign", TEXT.replace("2085", "+2085")],
    ["a negative size", TEXT.replace("2085", "-2085")],
    ["a size in hex", TEXT.replace("20852163", "0x13e2e83")],
    ["a size with a space", TEXT.replace("20852163", "20852163 ")],
    ["a size beyond 64 bits", TEXT.replace("20852163", "18446744073709551616")],
    ["no root", TEXT.split("\n").slice(0, 2).join("\n").concat("\n")],
    ["a root of 31 bytes", TEXT.replace(ROOT.toString("base64"), ROOT.subarray(1).toString("base64"))],
    ["a root whose unused bits are set", TEXT.replace("q2I=", "q2J=")],
    ["a root without padding", TEXT.replace("q2I=", "q2I")],
    ["a last line without an end", TEXT.trimEnd()],
    ["an empty line of extensions", `${TEXT}\n`],
    ["nothing", ""],
  ])("is refused with %s", (_, text) => {
    expect(() => readCheckpoint(text)).toThrow(invalid);
  });

  it.each([
    ["an origin of two lines", { ...CHECKPOINT, origin: "a\n1" }],
    ["an extension of two lines", { ...CHECKPOINT, extensions: ["a\nb"] }],
    ["an empty extension", { ...CHECKPOINT, extensions: [""] }],
    ["a root that is none", { ...CHECKPOINT, root: ROOT.subarray(1) }],
    ["a negative size", { ...CHECKPOINT, size: -1n }],
  ])("is not written with %s", (_, checkpoint) => {
    expect(() => writeCheckpoint(checkpoint)).toThrow(invalid);
  });
});
