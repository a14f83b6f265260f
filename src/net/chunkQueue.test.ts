import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WaybillError } from "#core/errors.ts";
import { chunkQueue } from "#net/chunkQueue.ts";

const open = () => {
  const calls: string[] = [];
  const queue = chunkQueue({
    resume: () => void calls.push("resume"),
    abort: () => void calls.push("abort"),
  });
  return { ...queue, calls };
};

describe("chunkQueue", () => {
  it("gives a reader who waits what comes, then the end", async () => {
    const { sink, next, calls } = open();
    const first = next();
    expect(sink.write(Buffer.from("a"))).toBe(true);
    expect(await first).toEqual(Buffer.from("a"));
    const last = next();
    sink.end();
    expect(await last).toBeUndefined();
    expect(await next()).toBeUndefined();
    expect(calls).toEqual([]);
  });

  it("gives all that came before a failure", async () => {
    const { sink, next } = open();
    const error = new WaybillError("NETWORK_FAILED", "cut");
    sink.write(Buffer.from("a"));
    sink.fail(error);
    expect(await next()).toEqual(Buffer.from("a"));
    await expect(next()).rejects.toBe(error);
  });

  it("pauses when 512 KiB wait, and resumes once when there is room again", async () => {
    const { sink, next, calls } = open();
    expect(sink.write(new Uint8Array(300_000))).toBe(true);
    expect(sink.write(new Uint8Array(250_000))).toBe(false);
    await next();
    expect(calls).toEqual(["resume"]);
    await next();
    expect(calls).toEqual(["resume"]);
  });

  it("closes the connection of a body that is not wanted, unless all of it has come", () => {
    const early = open();
    early.sink.write(Buffer.from("a"));
    early.discard();
    expect(early.calls).toEqual(["abort"]);
    const late = open();
    late.sink.write(Buffer.from("a"));
    late.sink.end();
    late.discard();
    expect(late.calls).toEqual([]);
  });

  it("loses and reorders nothing, whoever is faster", async () => {
    const chunk = fc.uint8Array({ minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(chunk, fc.boolean()), { maxLength: 20 }), async (turns) => {
        const { sink, next } = open();
        const read = (async () => {
          const all: Uint8Array[] = [];
          for (let one = await next(); one !== undefined; one = await next()) all.push(one);
          return Buffer.concat(all);
        })();
        for (const [bytes, pause] of turns) {
          sink.write(bytes);
          if (pause) await new Promise((resolve) => setImmediate(resolve));
        }
        sink.end();
        expect(await read).toEqual(Buffer.concat(turns.map(([bytes]) => bytes)));
      }),
    );
  });
});
