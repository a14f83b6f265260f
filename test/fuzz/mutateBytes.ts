import { below, pick } from "./seededRandom.ts";
import type { Random } from "./seededRandom.ts";

// Larger inputs only make fewer of them.
const MAX_BYTES = 1024 * 1024;
// Ends of ranges, signs and off-by-ones.
const NUMBERS = [0, 1, 2, 16, 127, 128, 255, 256, 4095, 65_535, 65_536, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

/** Changes 1 to 6 places of any bytes: bits, numbers in both orders, cuts, repetitions, pieces moved. */
export const mutateBytes = (random: Random, seed: Uint8Array): Uint8Array => {
  let bytes = Buffer.from(seed);
  for (let times = 1 + below(random, 6); times > 0; times--) bytes = pick(random, CHANGES)(random, bytes);
  return bytes.subarray(0, MAX_BYTES);
};

/** A number of 32 bits that readers stumble over, now and then near `honest`. */
export const oddNumber = (random: Random, honest = 0): number =>
  random() < 0.3 ? Math.min(0xffff_ffff, Math.max(0, honest + below(random, 9) - 4)) : pick(random, NUMBERS);

/** A place in the bytes; headers, where most decisions are made, are hit more often. */
const somewhere = (random: Random, bytes: Buffer): number =>
  below(random, random() < 0.3 ? Math.min(bytes.length, 512) : bytes.length);

type Change = (random: Random, bytes: Buffer<ArrayBuffer>) => Buffer<ArrayBuffer>;

const flipBit: Change = (random, bytes) => {
  const at = somewhere(random, bytes);
  if (bytes.length > 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << below(random, 8));
  return bytes;
};

const setByte: Change = (random, bytes) => {
  if (bytes.length > 0) bytes[somewhere(random, bytes)] = below(random, 256);
  return bytes;
};

const setNumber: Change = (random, bytes) => {
  const width = pick(random, [1, 2, 4]);
  if (bytes.length < width) return bytes;
  const at = Math.min(somewhere(random, bytes), bytes.length - width);
  const value = oddNumber(random, bytes.length) % 2 ** (8 * width);
  if (random() < 0.5) bytes.writeUIntBE(value, at, width);
  else bytes.writeUIntLE(value, at, width);
  return bytes;
};

const cutEnd: Change = (random, bytes) => bytes.subarray(0, somewhere(random, bytes));

const range = (random: Random, bytes: Buffer): readonly [number, number] => {
  const start = somewhere(random, bytes);
  return [start, Math.min(bytes.length, start + 1 + below(random, 4096))];
};

const removeRange: Change = (random, bytes) => {
  const [start, end] = range(random, bytes);
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
};

const repeatRange: Change = (random, bytes) => {
  const [start, end] = range(random, bytes);
  const piece = bytes.subarray(start, end);
  const copies = Array.from({ length: 1 + below(random, 8) }, () => piece);
  return Buffer.concat([bytes.subarray(0, start), ...copies, bytes.subarray(start)]).subarray(0, MAX_BYTES);
};

const copyRange: Change = (random, bytes) => {
  const [start, end] = range(random, bytes);
  bytes.copy(bytes, somewhere(random, bytes), start, end);
  return bytes;
};

const fillRange: Change = (random, bytes) => bytes.fill(pick(random, [0, 0xff, 0x41]), ...range(random, bytes));

const CHANGES: readonly Change[] = [
  flipBit,
  flipBit,
  setByte,
  setNumber,
  setNumber,
  cutEnd,
  removeRange,
  repeatRange,
  copyRange,
  fillRange,
];
