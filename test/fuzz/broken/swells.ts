import type { FuzzTarget } from "../fuzzTarget.ts";

const kept: Uint8Array[] = [];

/** Believes the length that an input announces. */
export const target: FuzzTarget = {
  name: "swells",
  seeds: () => [Uint8Array.of(0, 0, 1), Uint8Array.of(255, 255, 255)],
  run: (bytes) => {
    kept.push(new Uint8Array(64 * Buffer.from(bytes).readUIntBE(0, 3)));
  },
};
