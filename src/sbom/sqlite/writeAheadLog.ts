import { isPageSize } from "#sbom/sqlite/sqlitePages.ts";

/** What a database's `-wal` file lays over it: the last committed version of each page in it. */
export interface WriteAheadLog {
  readonly pageSize: number;
  /** Pages of the whole database after the last commit. */
  readonly pageCount: number;
  readonly pages: ReadonlyMap<number, Buffer>;
}

const HEADER = 32;
const FRAME_HEADER = 24;
// The last bit tells the order in which checksums read words.
const MAGIC = 0x377f0682;
const VERSION = 3_007_000;

/**
 * Reads a write-ahead log as SQLite recovers one (file format, section 4): a frame counts while salts and the running
 * checksum are right, and only up to the last that commits. Undefined where nothing counts: SQLite ignores such a file,
 * which is what a log of an earlier generation, or one that was cut off in its first transaction, leaves behind.
 */
export const readWriteAheadLog = (log: Buffer): WriteAheadLog | undefined => {
  if (log.length < HEADER) return undefined;
  const magic = log.readUInt32BE(0);
  const pageSize = log.readUInt32BE(8);
  if ((magic & 0xfffffffe) >>> 0 !== MAGIC || log.readUInt32BE(4) !== VERSION || !isPageSize(pageSize))
    return undefined;
  const sum = checksum((magic & 1) === 1);
  sum.add(log.subarray(0, 24));
  if (!sum.is(log.readUInt32BE(24), log.readUInt32BE(28))) return undefined;
  return readFrames(log, pageSize, sum);
};

const readFrames = (log: Buffer, pageSize: number, sum: Checksum): WriteAheadLog | undefined => {
  const salts = log.subarray(16, 24);
  const pages = new Map<number, Buffer>();
  // Of the transaction under way; counts once that is committed.
  const pending = new Map<number, Buffer>();
  let pageCount = 0;
  for (let at = HEADER; at + FRAME_HEADER + pageSize <= log.length; at += FRAME_HEADER + pageSize) {
    const number = log.readUInt32BE(at);
    const content = log.subarray(at + FRAME_HEADER, at + FRAME_HEADER + pageSize);
    sum.add(log.subarray(at, at + 8));
    sum.add(content);
    if (number === 0 || !log.subarray(at + 8, at + 16).equals(salts)) break;
    if (!sum.is(log.readUInt32BE(at + 16), log.readUInt32BE(at + 20))) break;
    pending.set(number, content);
    const committed = log.readUInt32BE(at + 4);
    if (committed === 0) continue;
    pageCount = committed;
    for (const [changed, latest] of pending) pages.set(changed, latest);
    pending.clear();
  }
  return pageCount === 0 ? undefined : { pageSize, pageCount, pages };
};

interface Checksum {
  readonly add: (bytes: Buffer) => void;
  readonly is: (first: number, second: number) => boolean;
}

// File format, section 4.2: a running pair of sums over words of 32 bits.
const checksum = (bigEndian: boolean): Checksum => {
  let first = 0;
  let second = 0;
  const add = (bytes: Buffer): void => {
    const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at + 8 <= bytes.length; at += 8) {
      first = (first + words.getInt32(at, !bigEndian) + second) | 0;
      second = (second + words.getInt32(at + 4, !bigEndian) + first) | 0;
    }
  };
  return { add, is: (one, other) => first >>> 0 === one && second >>> 0 === other };
};
