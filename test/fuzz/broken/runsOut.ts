import type { FuzzTarget } from "../fuzzTarget.ts";

/** Fills the heap. */
export const target: FuzzTarget = {
  name: "runsOut",
  seeds: () => [Uint8Array.of(1), Uint8Array.of(3)],
  run: (bytes) => {
    const list: unknown[] = [];
    while (bytes.includes(3)) list.push({ list });
  },
};
