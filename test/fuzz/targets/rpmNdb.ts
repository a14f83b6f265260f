import { headersInNdb } from "#sbom/rpm/headersInNdb.ts";
import { readReduced } from "#sbom/rpm/reducedDatabase.ts";
import { reduceHeaders } from "#sbom/rpm/reduceHeaders.ts";
import { ndbDatabase } from "../../fakes/rpmDatabases.ts";
import type { FuzzTarget } from "../fuzzTarget.ts";
import { mutateBytes, oddNumber } from "../mutateBytes.ts";
import { below, pick } from "../seededRandom.ts";
import type { Random } from "../seededRandom.ts";
import { headerSeeds } from "./rpmHeader.ts";

/** Changes slots, heads and tails of blobs, and the number of slot pages. */
const mutate = (random: Random, seed: Uint8Array): Uint8Array => {
  const file = Buffer.from(random() < 0.2 ? mutateBytes(random, seed) : seed);
  if (file.length < 4200) return file;
  for (let times = 1 + below(random, 4); times > 0; times--) {
    const slot = 32 + 16 * below(random, 8);
    const blob = 16 * Math.min(file.readUInt32LE(slot + 8), Math.floor(file.length / 16) - 1);
    pick(random, [
      () => file.writeUInt32LE(below(random, 4), slot + 4),
      () => file.writeUInt32LE(oddNumber(random, 256), slot + 8),
      () => file.writeUInt32LE(oddNumber(random, file.readUInt32LE(slot + 12)), slot + 12),
      () => file.writeUInt32LE(oddNumber(random, file.readUInt32LE(blob + 12)), blob + 12),
      () => file.writeUInt32LE(oddNumber(random, 1), 12),
      () => file.copy(file, 32 + 16 * below(random, 100), slot, slot + 16),
    ])();
  }
  return file;
};

export const target: FuzzTarget = {
  name: "rpmNdb",
  seeds: () => [ndbDatabase(headerSeeds()), ndbDatabase([])],
  mutate,
  run: (bytes) => {
    const file = Buffer.from(bytes);
    readReduced(reduceHeaders(file, headersInNdb));
    let given = 0;
    for (const header of headersInNdb(file, () => undefined)) given += header.length;
    if (given > file.length) throw new TypeError(`${given} bytes out of ${file.length}`);
  },
};
