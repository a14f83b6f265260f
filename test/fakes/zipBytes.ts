import { deflateRawSync } from "node:zlib";

/** An entry of a handmade zip archive; everything that a well-behaved writer would not write can be written. */
export interface RawZipEntry {
  readonly name: string;
  readonly body?: string | Uint8Array;
  /** Deflated unless said otherwise. */
  readonly stored?: boolean;
  readonly method?: number;
  readonly flags?: number;
  /** As stated in both headers; the truth otherwise. */
  readonly size?: number;
  readonly compressedSize?: number;
  /** Offset of the local header as stated. */
  readonly offset?: number;
  /** Sizes after the data, zeros in the local header. */
  readonly descriptor?: boolean;
  /** 32 bits full of ones and the sizes in a zip64 field. */
  readonly zip64?: boolean;
}

export interface RawZip {
  /** Bytes before the archive, which its offsets do not count. */
  readonly before?: string;
  readonly comment?: string;
  readonly zip64?: boolean;
  /** Leaves the central directory out. */
  readonly cut?: boolean;
}

const u16 = (value: number): Buffer => Buffer.from([value & 0xff, (value >> 8) & 0xff]);
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
};
const u64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
const join = (...parts: readonly (Buffer | string)[]): Buffer => Buffer.concat(parts.map((part) => Buffer.from(part)));

const FULL = 0xffffffff;

/** A zip archive of these entries (APPNOTE 4.3). Checksums are zero: nobody here looks at them. */
export const zipArchive = (entries: readonly RawZipEntry[], how: RawZip = {}): Buffer => {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const made = makeEntry(entry, offset);
    locals.push(made.local);
    centrals.push(made.central);
    offset += made.local.length;
  }
  const body = join(how.before ?? "", ...locals);
  if (how.cut === true) return body;
  const directory = join(...centrals);
  const wide = how.zip64 === true ? zip64End(entries.length, directory.length, offset) : "";
  const comment = Buffer.from(how.comment ?? "");
  const [count, size, start] = how.zip64 === true ? [0xffff, FULL, FULL] : [entries.length, directory.length, offset];
  const end = join(
    "PK\u0005\u0006",
    u16(0),
    u16(0),
    u16(count),
    u16(count),
    u32(size),
    u32(start),
    u16(comment.length),
  );
  return join(body, directory, wide, end, comment);
};

const makeEntry = (entry: RawZipEntry, at: number): { readonly local: Buffer; readonly central: Buffer } => {
  const content = Buffer.from(entry.body ?? "");
  const data = entry.stored === true ? content : deflateRawSync(content);
  const method = entry.method ?? (entry.stored === true ? 0 : 8);
  const size = entry.size ?? content.length;
  const compressed = entry.compressedSize ?? data.length;
  const offset = entry.offset ?? at;
  const name = Buffer.from(entry.name);
  const flags = (entry.flags ?? 0) | (entry.descriptor === true ? 8 : 0);
  const common = (known: boolean): Buffer =>
    join(
      u16(20),
      u16(flags),
      u16(method),
      u32(0),
      u32(0),
      ...(known ? [u32(compressed), u32(size)] : [u32(0), u32(0)]),
    );
  const local = join(
    "PK\u0003\u0004",
    common(entry.descriptor !== true),
    u16(name.length),
    u16(0),
    name,
    data,
    entry.descriptor === true ? join("PK\u0007\u0008", u32(0), u32(compressed), u32(size)) : "",
  );
  const extra = entry.zip64 === true ? join(u16(1), u16(24), u64(size), u64(compressed), u64(offset)) : Buffer.alloc(0);
  const sizes = entry.zip64 === true ? [u32(FULL), u32(FULL)] : [u32(compressed), u32(size)];
  const central = join(
    "PK\u0001\u0002",
    u16(20),
    join(u16(20), u16(flags), u16(method), u32(0), u32(0), ...sizes),
    u16(name.length),
    u16(extra.length),
    u16(0),
    u16(0),
    u16(0),
    u32(0),
    u32(entry.zip64 === true ? FULL : offset),
    name,
    extra,
  );
  return { local, central };
};

const zip64End = (count: number, size: number, start: number): Buffer =>
  join(
    join("PK\u0006\u0006", u64(44), u16(45), u16(45), u32(0), u32(0)),
    join(u64(count), u64(count), u64(size), u64(start)),
    join("PK\u0006\u0007", u32(0), u64(start + size), u32(1)),
  );
