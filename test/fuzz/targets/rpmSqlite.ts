import { joinLog } from "#sbom/rpm/joinLog.ts";
import { readReduced } from "#sbom/rpm/reducedDatabase.ts";
import { readReducedLog, reduceLog } from "#sbom/rpm/reducedLog.ts";
import { reduceSqlite } from "#sbom/rpm/reduceSqlite.ts";
import { readWriteAheadLog } from "#sbom/sqlite/writeAheadLog.ts";
import { checkpoint, createPackages, insertPackages, sqliteStates } from "../../fakes/rpmDatabases.ts";
import type { SqliteFiles } from "../../fakes/rpmDatabases.ts";
import type { FuzzTarget } from "../fuzzTarget.ts";
import { mutateBytes, oddNumber } from "../mutateBytes.ts";
import { below, pick } from "../seededRandom.ts";
import type { Random } from "../seededRandom.ts";
import { headerSeeds } from "./rpmHeader.ts";

// An input is the length of the database in four bytes, the database, and its write-ahead log.

const PAGE = 512;
const FRAME = 24 + PAGE;

const pack = ({ main, log }: SqliteFiles): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(main.length);
  return Buffer.concat([length, main, log]);
};

const unpack = (bytes: Uint8Array): SqliteFiles => {
  const input = Buffer.from(bytes);
  const end = input.length < 4 ? input.length : 4 + input.readUInt32BE(0);
  return { main: input.subarray(Math.min(4, input.length), end), log: input.subarray(end) };
};

const seeds = (): readonly Uint8Array[] => {
  const [first = Buffer.alloc(0), ...others] = headerSeeds();
  const create = (database: Parameters<typeof createPackages>[0]): void => {
    createPackages(database);
    insertPackages(first, ...others, first)(database);
    checkpoint(database);
  };
  const removed = (database: Parameters<typeof createPackages>[0]): void =>
    database.exec("DELETE FROM Packages WHERE hnum = 2");
  return sqliteStates([create, insertPackages(...others, ...others), removed], { pageSize: PAGE }).map(pack);
};

/** Changes b-tree pages, links between pages, and frames of the log, whose checksums are made right again. */
const mutate = (random: Random, seed: Uint8Array): Uint8Array => {
  const files = unpack(random() < 0.15 ? mutateBytes(random, seed) : seed);
  const { main } = files;
  const log = random() < 0.2 ? files.log.subarray(0, 32 + FRAME * below(random, 30)) : files.log;
  for (let times = 1 + below(random, 4); times > 0; times--) {
    const inLog = random() < 0.5 && log.length > 32 + FRAME;
    const count = inLog ? Math.floor((log.length - 32) / FRAME) : Math.floor(main.length / PAGE);
    const at = inLog ? 32 + FRAME * below(random, count) + 24 : PAGE * below(random, count);
    if (count > 0) changePage(random, inLog ? log : main, at);
    if (inLog && random() < 0.3) log.writeUInt32BE(below(random, 60), at - 24 + 4 * below(random, 2));
  }
  if (random() < 0.9) repairChecksums(log);
  return pack({ main, log });
};

const changePage = (random: Random, file: Buffer, at: number): void => {
  if (at + PAGE > file.length) return;
  const header = at === 0 ? 100 : at;
  const pointer = header + 8 + 2 * below(random, 6);
  const cell = at + Math.min(file.readUInt16BE(pointer), PAGE - 8);
  pick(random, [
    () => (file[header] = pick(random, [2, 5, 10, 13])),
    () => file.writeUInt16BE(oddNumber(random, 4) % 65_536, header + 3),
    () => file.writeUInt32BE(below(random, 60), header + 8),
    () => file.writeUInt16BE(below(random, PAGE), pointer),
    () => file.writeUInt32BE(below(random, 60), cell),
    () => (file[cell + below(random, 6)] = below(random, 256)),
    () => file.writeUInt32BE(below(random, 60), at),
    () => file.writeUInt32BE(below(random, 60), at + PAGE - 4),
  ])();
};

const repairChecksums = (log: Buffer): void => {
  if (log.length < 32) return;
  const little = (log[3] ?? 0) % 2 === 0;
  const sums: [number, number] = [0, 0];
  const add = (start: number, end: number): void => {
    for (let at = start; at + 8 <= end; at += 8) {
      const word = (place: number): number => (little ? log.readInt32LE(place) : log.readInt32BE(place));
      sums[0] = (sums[0] + word(at) + sums[1]) | 0;
      sums[1] = (sums[1] + word(at + 4) + sums[0]) | 0;
    }
  };
  const write = (at: number): void => {
    log.writeInt32BE(sums[0], at);
    log.writeInt32BE(sums[1], at + 4);
  };
  add(0, 24);
  write(24);
  for (let at = 32; at + FRAME <= log.length; at += FRAME) {
    add(at, at + 8);
    add(at + 24, at + FRAME);
    write(at + 16);
  }
};

/** The database as a checkpoint would leave it. */
const foldLog = ({ main, log }: SqliteFiles): Buffer => {
  const over = readWriteAheadLog(log);
  if (over === undefined || over.pageCount > 2000) return main;
  const { pageSize, pageCount, pages } = over;
  const file = Buffer.alloc(pageSize * pageCount);
  main.copy(file);
  for (const [number, page] of pages) if (number <= pageCount) page.copy(file, (number - 1) * pageSize);
  return file;
};

export const target: FuzzTarget = {
  name: "rpmSqlite",
  seeds,
  mutate,
  run: (bytes) => {
    const files = unpack(bytes);
    const main = readReduced(reduceSqlite(files.main));
    const log = reduceLog(files.log);
    if (log === undefined) return;
    const { records, gaps } = joinLog(main, readReducedLog(log));
    // What is kept of a database is enough to lay a log over it: else the difference is stated.
    const whole = readReduced(reduceSqlite(foldLog(files)));
    const [joined, folded] = [records, whole.records].map((list) => new Set(list.map((one) => JSON.stringify(one))));
    const more = joined?.difference(folded ?? new Set()) ?? new Set();
    const fewer = folded?.difference(joined ?? new Set()) ?? new Set();
    if (more.size > 0 || (fewer.size > 0 && gaps.length === 0))
      throw new TypeError(`with its log: ${more.size} packages that are not there, ${fewer.size} missing in silence`);
  },
};
