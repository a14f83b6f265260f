import { headersInHash } from "#sbom/rpm/headersInHash.ts";
import { readReduced } from "#sbom/rpm/reducedDatabase.ts";
import { reduceHeaders } from "#sbom/rpm/reduceHeaders.ts";
import { hashDatabase } from "../../fakes/rpmDatabases.ts";
import type { FuzzTarget } from "../fuzzTarget.ts";
import { mutateBytes, oddNumber } from "../mutateBytes.ts";
import { below, pick } from "../seededRandom.ts";
import type { Random } from "../seededRandom.ts";
import { headerSeeds } from "./rpmHeader.ts";

const PAGE = 512;

const seeds = (): readonly Uint8Array[] => {
  const headers = headerSeeds();
  return [
    hashDatabase(headers, { pageSize: PAGE }),
    hashDatabase(headers, { pageSize: PAGE, bigEndian: true }),
    hashDatabase(headers, { pageSize: 4096, inline: true }),
  ];
};

/** Changes types, counts, links and lengths of pages, and the offsets and values in those of the hash. */
const mutate = (random: Random, seed: Uint8Array): Uint8Array => {
  const file = Buffer.from(random() < 0.2 ? mutateBytes(random, seed) : seed);
  if (file.length < 2 * PAGE) return file;
  const bigEndian = file[15] === 0x61;
  const put = (at: number, width: 2 | 4, value: number): void => {
    const fitting = value % 2 ** (8 * width);
    if (bigEndian) file.writeUIntBE(fitting, at, width);
    else file.writeUIntLE(fitting, at, width);
  };
  const pages = Math.floor(file.length / PAGE);
  for (let times = 1 + below(random, 4); times > 0; times--) {
    const page = PAGE * below(random, pages);
    pick(random, [
      () => put(page + 16, 4, below(random, pages + 2)),
      () => put(page + 20, 2, oddNumber(random, 4)),
      () => put(page + 22, 2, oddNumber(random, PAGE - 26)),
      () => (file[page + 25] = pick(random, [0, 2, 7, 8, 13])),
      () => put(page + 26 + 2 * below(random, 8), 2, oddNumber(random, PAGE - 12)),
      () => put(page + PAGE - 12 * (1 + below(random, 8)) + 4 * below(random, 3), 4, below(random, pages + 2)),
      () => put(20 + 4 * below(random, 4), 4, oddNumber(random, PAGE)),
    ])();
  }
  return file;
};

export const target: FuzzTarget = {
  name: "rpmHash",
  seeds,
  mutate,
  run: (bytes) => {
    const file = Buffer.from(bytes);
    const { gaps } = readReduced(reduceHeaders(file, headersInHash));
    if (gaps.length > 4) throw new TypeError(`${gaps.length} gaps`);
    let given = 0;
    for (const header of headersInHash(file, () => undefined)) given += header.length;
    // No page is used twice.
    if (given > file.length) throw new TypeError(`${given} bytes out of ${file.length}`);
  },
};
