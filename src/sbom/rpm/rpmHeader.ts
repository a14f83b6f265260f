import { WaybillError } from "#core/errors.ts";

/** An rpm header: values by tag number. Readers answer with nothing for a tag that is missing or of another type. */
export interface RpmHeader {
  /** The first string of a tag: a string, a list, or a text in several languages. */
  readonly text: (tag: number) => string | undefined;
  readonly texts: (tag: number) => readonly string[];
  readonly numbers: (tag: number) => readonly number[];
}

interface Entry {
  readonly type: number;
  readonly offset: number;
  readonly count: number;
}

// rpm's own limits (lib/header.c, hdrchkTags and hdrchkData).
const MAX_TAGS = 65_535;
const MAX_DATA = 256 * 1024 * 1024;
// What precedes the header in a package file; in a database it is left away.
const LEAD = Buffer.from("8eade80100000000", "hex");
const ENTRY = 16;
const SIZES = [0, 1, 1, 2, 4, 8];
const STRING = 6;
const STRING_LIST = 8;
const TRANSLATED = 9;

/**
 * Reads a header: number of entries, bytes of data, entries of 16 bytes, data, all big-endian (rpm, "Package format",
 * Header). Entries that were added at installation stand behind the signed region and win over those in it. Throws
 * INPUT_INVALID for what is not whole.
 */
export const readHeader = (bytes: Buffer): RpmHeader => {
  const start = bytes.subarray(0, LEAD.length).equals(LEAD) ? LEAD.length : 0;
  if (bytes.length < start + 8) throw damaged("is cut off");
  const entries = bytes.readUInt32BE(start);
  const size = bytes.readUInt32BE(start + 4);
  const data = start + 8 + entries * ENTRY;
  if (entries === 0 || entries > MAX_TAGS || size > MAX_DATA || data + size > bytes.length) throw damaged("is cut off");
  const index = readIndex(bytes.subarray(start + 8, data), size);
  return createReaders(index, bytes.subarray(data, data + size));
};

const readIndex = (bytes: Buffer, size: number): ReadonlyMap<number, Entry> => {
  const index = new Map<number, Entry>();
  for (let at = 0; at < bytes.length; at += ENTRY) {
    const entry = {
      type: bytes.readUInt32BE(at + 4),
      offset: bytes.readInt32BE(at + 8),
      count: bytes.readUInt32BE(at + 12),
    };
    const width = SIZES[entry.type] ?? 1;
    const fits = entry.offset >= 0 && entry.offset + entry.count * Math.max(width, 1) <= size;
    if (!fits || (width > 1 && entry.offset % width !== 0)) throw damaged("has an entry beyond its data");
    index.set(bytes.readUInt32BE(at), entry);
  }
  return index;
};

const createReaders = (index: ReadonlyMap<number, Entry>, data: Buffer): RpmHeader => {
  const texts = (tag: number): readonly string[] => {
    const { type, offset, count } = index.get(tag) ?? { type: 0, offset: 0, count: 0 };
    if (type === STRING) return readTexts(data, offset, 1);
    return type === STRING_LIST || type === TRANSLATED ? readTexts(data, offset, count) : [];
  };
  const text = (tag: number): string | undefined => {
    const { type, offset } = index.get(tag) ?? { type: 0, offset: 0 };
    return type === STRING || type === STRING_LIST || type === TRANSLATED ? readTexts(data, offset, 1)[0] : undefined;
  };
  const numbers = (tag: number): readonly number[] => readNumbers(data, index.get(tag));
  return { text, texts, numbers };
};

const readTexts = (data: Buffer, offset: number, count: number): readonly string[] => {
  let end = offset - 1;
  for (let index = 0; index < count; index++) {
    end = data.indexOf(0, end + 1);
    if (end === -1) throw damaged("has a text without an end");
  }
  return count === 0 ? [] : data.toString("utf8", offset, end).split("\0");
};

const readNumbers = (data: Buffer, entry: Entry | undefined): readonly number[] => {
  const { type, offset, count } = entry ?? { type: 0, offset: 0, count: 0 };
  const width = SIZES[type] ?? 0;
  return width === 0
    ? []
    : Array.from({ length: count }, (_, place) => readNumber(data, offset + place * width, width));
};

// Types 1 to 5 are characters and integers of 1, 1, 2, 4 and 8 bytes. A database is full of those of four.
const readNumber = (data: Buffer, at: number, width: number): number => {
  if (width === 4) return data.readUInt32BE(at);
  return width === 8 ? Number(data.readBigUInt64BE(at)) : data.readUIntBE(at, width);
};

const damaged = (how: string): WaybillError => new WaybillError("INPUT_INVALID", `a package header ${how}`);
