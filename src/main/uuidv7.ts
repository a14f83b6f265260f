import { randomFillSync } from "node:crypto";

// Asking the system for eight bytes at a time takes longer than all the rest of a small answer's making.
const POOL_BYTES = 4096;
const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

let last = 0;
let counter = 0;

/**
 * A UUID of version 7 (RFC 9562 section 5.7): milliseconds since 1970, then 12 bits that count within one millisecond
 * (section 6.2, method 1), so that those of one process sort in the order of their making, then randomness.
 */
export const uuidv7 = (): string => {
  const now = Math.max(Date.now(), last);
  counter = now === last ? counter + 1 : 0;
  // More than 4096 in a millisecond borrow from the next one.
  last = counter > 0xfff ? now + 1 : now;
  if (counter > 0xfff) counter = 0;
  const random = takeRandom();
  random[0] = (random.readUInt8(0) & 0x3f) | 0x80;
  const head = last.toString(16).padStart(12, "0") + (0x7000 | counter).toString(16);
  const hex = head + random.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
};

const takeRandom = (): Buffer => {
  if (used === POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  used += 8;
  return pool.subarray(used - 8, used);
};
