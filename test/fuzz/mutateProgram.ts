import { mutateBytes, oddNumber } from "./mutateBytes.ts";
import { below, pick } from "./seededRandom.ts";
import type { Random } from "./seededRandom.ts";

const HEADERS = 0x400;

/** Changes words in the headers of a program (offsets, sizes, counts, flags), and in the section table at its end. */
export const mutateProgram = (random: Random, seed: Uint8Array): Uint8Array => {
  const file = Buffer.from(random() < 0.2 ? mutateBytes(random, seed) : seed);
  if (file.length < HEADERS) return file;
  for (let times = 1 + below(random, 4); times > 0; times--) {
    const near = below(random, HEADERS / 4) * 4;
    const at = random() < 0.3 ? file.length - HEADERS + near : near;
    pick(random, [
      () => file.writeUInt32LE(oddNumber(random, file.readUInt32LE(at)), at),
      () => file.writeUInt32BE(oddNumber(random, file.readUInt32BE(at)), at),
      () => file.writeUInt16LE(oddNumber(random, file.readUInt16LE(at)) & 0xffff, at),
      () => file.writeUInt32LE(below(random, file.length), at),
      () => file.copy(file, at, below(random, HEADERS), HEADERS + 8),
    ])();
  }
  return file;
};
