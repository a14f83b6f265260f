import type { LargeFiles } from "#sbom/largeFiles.ts";

const FREE = 0;
const TAKEN = 1;

/** Bytes of memory that threads share for it. */
export const LARGE_FILES_BYTES = Int32Array.BYTES_PER_ELEMENT;

/** One place for all threads that have this memory. */
export const sharedLargeFiles = (memory: SharedArrayBuffer): LargeFiles => {
  const cell = new Int32Array(memory);
  return {
    enter: () => {
      while (Atomics.compareExchange(cell, 0, FREE, TAKEN) !== FREE) Atomics.wait(cell, 0, TAKEN);
    },
    leave: () => {
      Atomics.store(cell, 0, FREE);
      Atomics.notify(cell, 0, 1);
    },
  };
};
