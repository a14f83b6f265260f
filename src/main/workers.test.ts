import { expect, it } from "vitest";
import { WaybillError } from "#core/errors.ts";
import { startWorkers } from "#main/workers.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

it("works while there is something to do, wakes at once, survives failures and stops with the context", async () => {
  const stop = new AbortController();
  const told: string[] = [];
  const queue: string[] = ["a", "b"];
  const done: string[] = [];
  const workers = startWorkers(testCtx({ signal: stop.signal, log: (_, message) => void told.push(message) }), {
    count: 2,
    idleMs: 3_600_000,
    work: async () => {
      const next = queue.shift();
      if (next === undefined) return "idle";
      if (next === "bad") throw new WaybillError("STORE_FAILED", "full");
      done.push(next);
      return "worked";
    },
  });
  await expect.poll(() => done).toEqual(["a", "b"]);
  queue.push("bad", "c");
  workers.wake();
  await expect.poll(() => done).toEqual(["a", "b", "c"]);
  expect(told).toEqual(["the worker failed"]);
  stop.abort();
  await workers.stopped;
});
