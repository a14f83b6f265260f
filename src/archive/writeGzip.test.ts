import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { writeGzip } from "#archive/writeGzip.ts";
import { readAll } from "#core/verifiedBytes.ts";

const CAP = 64 * 1024 * 1024;

async function* chunks(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

const compress = (parts: readonly Uint8Array[], level = 6): Promise<Buffer> =>
  readAll(writeGzip(chunks(parts), level), CAP, "the gzip stream");

describe("writeGzip", () => {
  it("writes one member without time, name or system, which inflates to the input", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 6 }), async (parts) => {
        const bytes = await compress(parts);
        expect(bytes.subarray(0, 10).toString("hex")).toBe("1f8b08000000000000ff");
        expect(gunzipSync(bytes)).toEqual(Buffer.concat(parts));
      }),
      { numRuns: 50 },
    );
  });

  it("gives the same bytes however the input is cut", async () => {
    const whole = Buffer.from("waybill ".repeat(100_000));
    const cut = [whole.subarray(0, 7), whole.subarray(7, 300_000), whole.subarray(300_000)];
    expect(await compress(cut)).toEqual(await compress([whole]));
  });

  it("throws the source's own error", async () => {
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from("x");
      throw new RangeError("the source broke");
    };
    await expect(readAll(writeGzip(broken(), 1), CAP, "it")).rejects.toThrow("the source broke");
  });
});
