import type { LargeFiles } from "#sbom/largeFiles.ts";

const FREE = 0;

/** Bytes of memory that threads share for it. */
export const LARGE_FILES_BYTES = Int32Array.BYTES_PER_ELEMENT;

/**
 * One place for all threads that have this memory, `owner` (not 0) being the one that asks. A thread that is in goes on in:
 * what it reads beside a layer that was given up may be large as well, and waiting for itself it would wait for ever.
 */
export const sharedLargeFiles = (memory: SharedArrayBuffer, owner: number): LargeFiles => {
  const cell = new Int32Array(memory);
  let depth = 0;
  return {
    enter: () => {
      if (depth++ > 0) return;
      for (;;) {
        const holder = Atomics.compareExchange(cell, 0, FREE, owner);
        if (holder === FREE) return;
        Atomics.wait(cell, 0, holder);
      }
    },
    leave: () => {
      if (--depth === 0) leaveFor(memory, owner);
    },
  };
};

/** Takes a thread out, if it is in: one that has died cannot leave. */
export const leaveFor = (memory: SharedArrayBuffer, owner: number): void => {
  const cell = new Int32Array(memory);
  if (Atomics.compareExchange(cell, 0, owner, FREE) === owner) Atomics.notify(cell, 0, 1);
};
