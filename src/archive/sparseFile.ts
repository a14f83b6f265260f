import { WaybillError } from "#core/errors.ts";
import type { EntrySink } from "#archive/tarEntry.ts";
import { BLOCK, readNumber } from "#archive/tarHeader.ts";
import type { PaxRecords } from "#archive/paxRecords.ts";
import { readDecimal } from "#archive/paxRecords.ts";

/** Where a sparse file's stored bytes belong: alternating offsets and lengths, and the size with the holes filled. */
export interface SparseMap {
  readonly pairs: readonly number[];
  readonly realSize: number;
}

/** A sparse map while its blocks arrive: old GNU maps go on in extension blocks, PAX 1.0 ones stand before the content. */
export interface SparseMapReader {
  /** Takes a 512-byte block; the map when it is complete. */
  readonly add: (block: Uint8Array) => SparseMap | undefined;
}

// GNU tar manual, "Old GNU Format": 24-byte pairs, four in the header and 21 in an extension block, each followed by a
// flag that says whether an extension follows.
const HEADER_PAIRS = { start: 386, count: 4, more: 482 };
const EXTENSION_PAIRS = { start: 0, count: 21, more: 504 };
const REAL_SIZE = 483;

/** Reads the map of an old GNU sparse entry (type S); the first block given is its header. Errors: IMAGE_REFUSED, LIMIT_EXCEEDED. */
export const readGnuSparseMap = (maxBytes: number, where: string): SparseMapReader => {
  const pairs: number[] = [];
  let blocks = 0;
  let realSize = 0;
  const add = (block: Uint8Array): SparseMap | undefined => {
    const place = blocks === 0 ? HEADER_PAIRS : EXTENSION_PAIRS;
    if (blocks === 0) realSize = readNumber(block, REAL_SIZE, REAL_SIZE + 12, "sparse size", where);
    checkSize(++blocks * BLOCK, maxBytes, where);
    for (let index = 0; index < place.count; index++) {
      const at = place.start + index * 24;
      if ((block[at] ?? 0) === 0) break;
      pairs.push(readNumber(block, at, at + 12, "sparse offset", where));
      pairs.push(readNumber(block, at + 12, at + 24, "sparse length", where));
    }
    return block[place.more] === 0 ? { pairs, realSize } : undefined;
  };
  return { add };
};

/** Reads a PAX 1.0 map: the count of pairs and the pairs, decimal, a line each, padded to a block. Errors as above. */
export const readPaxSparseMap = (realSize: number, maxBytes: number, where: string): SparseMapReader => {
  const numbers: number[] = [];
  let text = "";
  let bytes = 0;
  const add = (block: Uint8Array): SparseMap | undefined => {
    checkSize((bytes += block.byteLength), maxBytes, where);
    const lines = (text + Buffer.from(block).toString("latin1")).split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) {
      numbers.push(readDecimal(line, where));
      if (numbers.length === 1 + 2 * (numbers[0] ?? 0)) return { pairs: numbers.slice(1), realSize };
    }
    return undefined;
  };
  return { add };
};

/** How a PAX header describes a sparse file: 0.0 and 0.1 hold the map, 1.0 announces it (GNU tar manual, "PAX Format"). */
export type PaxSparse =
  | { readonly kind: "map"; readonly map: SparseMap }
  | { readonly kind: "blocks"; readonly realSize: number };

export const findPaxSparse = (pax: PaxRecords, where: string): PaxSparse | undefined => {
  const { sparse, sparsePairs } = pax;
  const number = (name: string): number => readDecimal(sparse.get(name) ?? "", where);
  if (sparse.get("major") === "1" && sparse.get("minor") === "0")
    return { kind: "blocks", realSize: number("realsize") };
  if (!sparse.has("size")) return undefined;
  const list = sparse.get("map");
  const pairs =
    list === undefined || list === "" ? sparsePairs : list.split(",").map((text) => readDecimal(text, where));
  return { kind: "map", map: { pairs, realSize: number("size") } };
};

/** Throws IMAGE_REFUSED unless the pairs are in order, within the file, and hold exactly the bytes stored. */
export const checkSparseMap = (map: SparseMap, stored: number, where: string): void => {
  let end = 0;
  let sum = 0;
  for (let at = 0; at < map.pairs.length; at += 2) {
    const offset = map.pairs[at] ?? 0;
    const length = map.pairs[at + 1] ?? Number.NaN;
    if (!(offset >= end)) throw refused(where);
    end = offset + length;
    sum += length;
  }
  if (!(end <= map.realSize) || sum !== stored) throw refused(where);
};

const ZEROS = new Uint8Array(64 * 1024);

/** A sink that takes the stored bytes and gives the file with its holes filled to another sink. */
export const fillHoles = (map: SparseMap, sink: EntrySink): EntrySink => {
  let written = 0;
  let pair = 0;
  let inPair = 0;
  let wanted = true;
  const give = (bytes: Uint8Array): void => {
    wanted = wanted && sink.write(bytes);
    written += bytes.byteLength;
  };
  const giveZeros = (until: number): void => {
    while (wanted && written < until) give(ZEROS.subarray(0, Math.min(ZEROS.length, until - written)));
  };
  const write = (chunk: Uint8Array): boolean => {
    for (let at = 0; wanted && at < chunk.byteLength && pair < map.pairs.length;) {
      giveZeros((map.pairs[pair] ?? map.realSize) + inPair);
      const length = Math.min((map.pairs[pair + 1] ?? 0) - inPair, chunk.byteLength - at);
      if (length > 0 && wanted) give(chunk.subarray(at, at + length));
      at += length;
      inPair += length;
      if (inPair >= (map.pairs[pair + 1] ?? 0)) [pair, inPair] = [pair + 2, 0];
    }
    return wanted;
  };
  const end = (): void => {
    giveZeros(map.realSize);
    sink.end();
  };
  return { write, end };
};

const checkSize = (bytes: number, maxBytes: number, where: string): void => {
  if (bytes > maxBytes)
    throw new WaybillError("LIMIT_EXCEEDED", `${where}: the map of a sparse file is larger than ${maxBytes} bytes`);
};

const refused = (where: string): WaybillError =>
  new WaybillError("IMAGE_REFUSED", `${where}: the map of a sparse file does not fit its content`);
