import { describe, expect, it } from "vitest";
import { digestOf } from "#core/digest.ts";
import { hasCode } from "#core/errors.ts";
import { hashHere } from "#core/streamDigest.ts";
import type { StartDigest } from "#core/streamDigest.ts";
import { checkBytes, readAll, verifiedBytes, watchedBytes } from "#core/verifiedBytes.ts";

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
  ])("attack 3 (CVE-2022-47633, CVE-2023-33959): answers %s", async (want, parts) => {
    expect(await code(() => readAll(verifiedBytes(expected, chunks(...parts)), 100, "blob"))).toBe(want);
    expect(await code(() => checkBytes(expected, Buffer.concat(parts)))).toBe(want);
  });

  it("attack 27 (CVE-2023-33958): stops an endless blob at its announced size", async () => {
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

  it("hashes once what goes through two checks of one digest, also past somebody who looks on", async () => {
    let begun = 0;
    const start: StartDigest = (algorithm) => {
      begun++;
      return hashHere(algorithm);
    };
    const seen: string[] = [];
    const source = verifiedBytes(expected, chunks(bytes.subarray(0, 5), bytes.subarray(5)), start);
    const watched = watchedBytes(source, (chunk) => void seen.push(Buffer.from(chunk).toString()));
    expect(await readAll(verifiedBytes(expected, watched, start), 100, "blob")).toEqual(bytes);
    expect(begun).toBe(1);
    expect(seen).toEqual(["some ", "content"]);
  });

  it("hashes again what was verified as something else", async () => {
    const other = { digest: digestOf("other content"), size: bytes.length };
    const source = verifiedBytes(expected, chunks(bytes));
    expect(await code(() => readAll(verifiedBytes(other, source), 100, "blob"))).toBe("DIGEST_MISMATCH");
  });

  it("counts what was verified: a rest of it is not all of it", async () => {
    const source = verifiedBytes(expected, chunks(bytes.subarray(0, 5), bytes.subarray(5)));
    await source[Symbol.asyncIterator]().next();
    expect(await code(() => readAll(verifiedBytes(expected, source), 100, "blob"))).toBe("SIZE_SHORT");
    const shorter = { ...expected, size: expected.size - 1 };
    const again = verifiedBytes(expected, chunks(bytes));
    expect(await code(() => readAll(verifiedBytes(shorter, again), 100, "blob"))).toBe("SIZE_LONG");
  });

  it("ends with what the onlooker throws", async () => {
    const watched = watchedBytes(chunks(bytes), () => {
      throw new Error("enough");
    });
    await expect(readAll(watched, 100, "blob")).rejects.toThrow("enough");
  });
});
