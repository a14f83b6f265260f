import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { LARGE_FILES_BYTES, leaveFor, sharedLargeFiles } from "#main/worker/sharedLargeFiles.ts";

const THREAD = `
const { workerData, parentPort, threadId } = await import("node:worker_threads");
const { sharedLargeFiles } = await import(workerData.module);
const files = sharedLargeFiles(workerData.memory, threadId);
const inside = new Int32Array(workerData.inside);
for (let round = 0; round < 200; round++) {
  files.enter();
  if (Atomics.add(inside, 0, 1) !== 0) Atomics.store(inside, 1, 1);
  for (let wait = 0; wait < 1000; wait++) Math.sqrt(wait);
  Atomics.sub(inside, 0, 1);
  files.leave();
}
parentPort.postMessage("done");
`;

describe("sharedLargeFiles", () => {
  it("lets one thread at a time in, and every one in the end", async () => {
    const memory = new SharedArrayBuffer(LARGE_FILES_BYTES);
    const inside = new SharedArrayBuffer(8);
    const module = new URL("./sharedLargeFiles.ts", import.meta.url).href;
    const url = new URL(`data:text/javascript,${encodeURIComponent(THREAD)}`);
    const threads = [1, 2, 3].map(() => new Worker(url, { workerData: { memory, inside, module } }));
    await Promise.all(threads.map((thread) => new Promise((resolve) => thread.once("message", resolve))));
    expect([...new Int32Array(inside)]).toEqual([0, 0]);
  });

  it("keeps a second one waiting until the first leaves", async () => {
    const memory = new SharedArrayBuffer(LARGE_FILES_BYTES);
    const { enter, leave } = sharedLargeFiles(memory, 1000);
    enter();
    enter();
    const module = new URL("./sharedLargeFiles.ts", import.meta.url).href;
    const url = new URL(`data:text/javascript,${encodeURIComponent(THREAD)}`);
    const inside = new SharedArrayBuffer(8);
    const thread = new Worker(url, { workerData: { memory, inside, module } });
    let done = false;
    const ended = new Promise<void>((resolve) => thread.once("message", () => resolve((done = true) as never)));
    await sleep(50);
    expect(done).toBe(false);
    leave();
    await sleep(50);
    // It went in twice.
    expect(done).toBe(false);
    leave();
    await ended;
  });

  it("is free again when the one within has died", async () => {
    const memory = new SharedArrayBuffer(LARGE_FILES_BYTES);
    sharedLargeFiles(memory, 1).enter();
    leaveFor(memory, 2);
    expect(new Int32Array(memory)[0]).toBe(1);
    leaveFor(memory, 1);
    sharedLargeFiles(memory, 2).enter();
    expect(new Int32Array(memory)[0]).toBe(2);
  });
});
