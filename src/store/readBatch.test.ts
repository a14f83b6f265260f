import type { Kysely } from "kysely";
import { describe, expect, it } from "vitest";
import { createReadBatch } from "#store/readBatch.ts";
import type { SharedRead } from "#store/readBatch.ts";
import type { Tables } from "#store/tables.ts";
import { createQueue } from "#store/transact.ts";

const NO_DATABASE = {} as Kysely<Tables>;

const setUp = (refuses = () => false) => {
  const told: string[] = [];
  const begin = (): SharedRead => {
    told.push("begin");
    return {
      run: async (work) => {
        if (refuses()) throw new RangeError("closed");
        return work(NO_DATABASE);
      },
      end: () => void told.push("end"),
    };
  };
  const inTurn = createQueue();
  const read = createReadBatch(inTurn, begin);
  const say = (text: string) => read(async () => void told.push(text));
  return { told, inTurn, read, say };
};

describe("createReadBatch", () => {
  it("runs reads that wait at the same time in one transaction, in their order", async () => {
    const { told, inTurn, say } = setUp();
    await Promise.all([say("a"), say("b"), say("c")]);
    await say("d");
    await inTurn(async () => undefined);
    expect(told).toEqual(["begin", "a", "b", "c", "end", "begin", "d", "end"]);
  });

  it("reads what was written before it was asked", async () => {
    const { told, inTurn, say } = setUp();
    const early = say("early");
    const written = inTurn(async () => void told.push("write"));
    const late = written.then(() => say("late"));
    await Promise.all([early, late]);
    await inTurn(async () => undefined);
    expect(told).toEqual(["begin", "early", "end", "write", "begin", "late", "end"]);
  });

  it("tells each caller his own end", async () => {
    const { read, say } = setUp();
    const bad = read(() => Promise.reject(new RangeError("mine")));
    const ends = await Promise.allSettled([say("a"), bad, read(async () => 7)]);
    expect(ends.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(ends[2]).toMatchObject({ value: 7 });
  });

  it("tells every caller where nothing can be read", async () => {
    const { say } = setUp(() => true);
    const ends = await Promise.allSettled([say("a"), say("b")]);
    expect(ends.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });

  it("lets others in between many", async () => {
    const { told, inTurn, say } = setUp();
    const first = Array.from({ length: 64 }, (_, at) => say(String(at)));
    const written = inTurn(async () => void told.push("write"));
    await Promise.all([...first, written, say("65th")]);
    await inTurn(async () => undefined);
    expect(told.slice(-5)).toEqual(["end", "write", "begin", "65th", "end"]);
  });
});
