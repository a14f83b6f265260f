import { describe, expect, it } from "vitest";
import { digestOf } from "#core/digest.ts";
import { hasCode } from "#core/errors.ts";
import { checkBytes, readAll, verifiedBytes } from "#core/verifiedBytes.ts";

const bytes = Buffer.from("some content");
const expected = { digest: digestOf(bytes), size: bytes.length };

async function* chunks(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

const code = async (run: () => unknown): Promise<string> => {
  try {
    await run();
  } catch (error) {
    if (hasCode(error, "SIZE_LONG", "SIZE_SHORT", "DIGEST_MISMATCH", "LIMIT_EXCEEDED")) return error.code;
    throw error;
  }
  return "accepted";
};

describe("verifiedBytes", () => {
  it("passes the right bytes, however they are cut", async () => {
    const read = await readAll(verifiedBytes(expected, chunks(bytes.subarray(0, 3), bytes.subarray(3))), 100, "blob");
    expect(read.equals(bytes)).toBe(true);
  });

  it.each([
    ["SIZE_SHORT", [bytes.subarray(1)]],
    ["SIZE_LONG", [bytes, Buffer.from("x")]],
    ["DIGEST_MISMATCH", [Buffer.from("some contenT")]],
  ])("attack 3: answers %s", async (want, parts) => {
    expect(await code(() => readAll(verifiedBytes(expected, chunks(...parts)), 100, "blob"))).toBe(want);
    expect(await code(() => checkBytes(expected, Buffer.concat(parts)))).toBe(want);
  });

  it("attack 27: stops an endless blob at its announced size", async () => {
    let pulled = 0;
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      for (;;) {
        pulled++;
        yield Buffer.alloc(8);
      }
    };
    expect(await code(() => readAll(verifiedBytes(expected, endless()), 1000, "blob"))).toBe("SIZE_LONG");
    expect(pulled).toBe(2);
    expect(await code(() => readAll(endless(), 1000, "blob"))).toBe("LIMIT_EXCEEDED");
  });
});
