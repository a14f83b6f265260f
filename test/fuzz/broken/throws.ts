import type { FuzzTarget } from "../fuzzTarget.ts";

/** Has a fault behind the third byte. */
export const target: FuzzTarget = {
  name: "throws",
  seeds: () => [Buffer.from("a harmless beginning of all")],
  mutate: (random, seed) => seed.map((byte, index) => (index === 10 && random() < 0.1 ? 0x21 : byte)),
  run: (bytes) => {
    if (bytes.includes(0x21)) throw new TypeError("cannot read properties of undefined");
  },
};
