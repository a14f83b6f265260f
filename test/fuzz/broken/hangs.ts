import type { FuzzTarget } from "../fuzzTarget.ts";

/** Does not come back from a 7. */
export const target: FuzzTarget = {
  name: "hangs",
  seeds: () => [Uint8Array.of(1), Uint8Array.of(1, 7), Uint8Array.of(2)],
  run: (bytes) => {
    while (bytes.includes(7)) continue;
  },
};
