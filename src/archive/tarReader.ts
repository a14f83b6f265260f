import { decodeName, normaliseName } from "#archive/entryName.ts";
import { readPaxRecords } from "#archive/paxRecords.ts";
import type { PaxRecords } from "#archive/paxRecords.ts";
import { checkSparseMap, fillHoles, findPaxSparse, readGnuSparseMap, readPaxSparseMap } from "#archive/sparseFile.ts";
import type { PaxSparse, SparseMap, SparseMapReader } from "#archive/sparseFile.ts";
import type { EntrySink, EntryType, TarEntry, TarVisitor } from "#archive/tarEntry.ts";
import { BLOCK, isZeroBlock, readTarHeader } from "#archive/tarHeader.ts";
import type { TarHeader } from "#archive/tarHeader.ts";
import type { TarLimits } from "#archive/tarLimits.ts";
import { WaybillError } from "#core/errors.ts";

/** Reads an archive that is pushed into it. */
export interface TarReader {
  /** The next bytes; throws IMAGE_REFUSED for what is no tar archive and LIMIT_EXCEEDED for too much of it. */
  readonly write: (chunk: Uint8Array) => void;
  /** No more bytes; throws IMAGE_REFUSED when an entry is cut off. */
  readonly end: () => void;
}

/**
 * Reads ustar, PAX, star, GNU and v7 archives with sparse files in all four forms. Where dialects differ it sees what Go's
 * archive/tar sees, because the runtimes unpack with that: global PAX headers change nothing, a GNU long name beats a PAX
 * path, links and directories have no content whatever their size says. Two zero blocks end the archive and what follows is
 * ignored; the end of the stream at a header, or within the padding before it, ends it as well.
 * `what` names the archive in errors.
 */
export const createTarReader = (visitor: TarVisitor, limits: TarLimits, what: string): TarReader => {
  const reader = new Reader(visitor, limits, what);
  return { write: (chunk) => reader.write(chunk), end: () => reader.end() };
};

type State = "header" | "zero" | "sparse" | "content" | "padding" | "ended";

const TYPES: Readonly<Record<string, EntryType>> = {
  "\0": "file",
  "0": "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "other",
  "4": "other",
  "5": "directory",
  "6": "other",
  "7": "file",
  S: "file",
};
// Go's isHeaderOnlyType: nothing follows these, whatever their size says.
const BARE_FLAGS = "123456";

class Reader {
  readonly #visitor: TarVisitor;
  readonly #limits: TarLimits;
  readonly #what: string;
  readonly #block = new Uint8Array(BLOCK);
  #filled = 0;
  #state: State = "header";
  #entries = 0;
  /** Bytes of content, then of padding, that are still to come. */
  #left = 0;
  #padding = 0;
  #sink: EntrySink | undefined;
  #sparse: SparseMapReader | undefined;
  #whenMapped: ((map: SparseMap) => void) | undefined;
  // What extension headers said about the entry to come.
  #pax: PaxRecords | undefined;
  #longName: Uint8Array | undefined;
  #longLink: Uint8Array | undefined;

  constructor(visitor: TarVisitor, limits: TarLimits, what: string) {
    this.#visitor = visitor;
    this.#limits = limits;
    this.#what = what;
  }

  write(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.byteLength && this.#state !== "ended";) at = this.#step(chunk, at);
  }

  end(): void {
    const inHeader = this.#state === "header" || this.#state === "zero";
    if (this.#state === "ended" || this.#state === "padding" || (inHeader && this.#filled === 0)) return;
    throw this.#refuse(inHeader ? "the archive ends within a header" : "the archive ends within an entry");
  }

  #step(chunk: Uint8Array, at: number): number {
    if (this.#state === "content") return this.#readContent(chunk, at);
    if (this.#state !== "padding") return this.#gather(chunk, at);
    const length = Math.min(this.#padding, chunk.byteLength - at);
    this.#padding -= length;
    if (this.#padding === 0) this.#state = "header";
    return at + length;
  }

  #gather(chunk: Uint8Array, at: number): number {
    if (this.#filled === 0 && chunk.byteLength - at >= BLOCK) {
      this.#readBlock(chunk.subarray(at, at + BLOCK));
      return at + BLOCK;
    }
    const length = Math.min(BLOCK - this.#filled, chunk.byteLength - at);
    this.#block.set(chunk.subarray(at, at + length), this.#filled);
    this.#filled += length;
    if (this.#filled === BLOCK) {
      this.#filled = 0;
      this.#readBlock(this.#block);
    }
    return at + length;
  }

  #readBlock(block: Uint8Array): void {
    if (this.#state === "sparse") return this.#readSparseBlock(block);
    if (isZeroBlock(block)) {
      this.#state = this.#state === "zero" ? "ended" : "zero";
      return;
    }
    // Readers disagree on what comes after a single zero block, so nobody may rely on it.
    if (this.#state === "zero") throw this.#refuse("an entry follows a block of zeros");
    const header = readTarHeader(block, this.#what);
    if (!this.#readExtension(header)) this.#readEntry(header, block);
  }

  /** PAX and GNU headers that say something about the next entry. */
  #readExtension(header: TarHeader): boolean {
    const { flag } = header;
    if (flag !== "x" && flag !== "g" && flag !== "L" && flag !== "K") return false;
    if (header.size > this.#limits.maxHeaderBytes)
      throw this.#over(`an extended header of ${header.size} bytes, the limit is ${this.#limits.maxHeaderBytes}`);
    this.#expect(
      header.size,
      collect(header.size, (body) => this.#keepExtension(flag, body)),
    );
    return true;
  }

  #keepExtension(flag: string, body: Uint8Array): void {
    if (flag === "x") this.#pax = readPaxRecords(body, this.#what);
    else if (flag === "L") this.#longName = cutAtNul(body);
    else if (flag === "K") this.#longLink = cutAtNul(body);
    else this.#checkGlobal(readPaxRecords(body, this.#what));
  }

  // POSIX readers would apply these to every entry, the runtimes do not: such an archive has two meanings.
  #checkGlobal(records: PaxRecords): void {
    if (records.path !== undefined || records.linkPath !== undefined || records.size !== undefined)
      this.#visitor.notice("", "a global PAX header with names or sizes was ignored, as container runtimes do");
  }

  #readEntry(header: TarHeader, block: Uint8Array): void {
    if (++this.#entries > this.#limits.maxEntries) throw this.#over(`more than ${this.#limits.maxEntries} entries`);
    const pax = this.#pax;
    const names: RawNames = {
      name: this.#longName ?? pax?.path ?? header.name,
      link: this.#longLink ?? pax?.linkPath ?? header.linkName,
    };
    this.#pax = this.#longName = this.#longLink = undefined;
    const stored = BARE_FLAGS.includes(header.flag) ? 0 : (pax?.size ?? header.size);
    const size = header.flag === "\0" && names.name.at(-1) === SLASH ? 0 : stored;
    const sparse = pax === undefined || size === 0 ? undefined : findPaxSparse(pax, this.#what);
    if ((header.flag === "S" && header.gnu) || sparse?.kind === "blocks")
      this.#awaitMap(header, names, size, sparse, block);
    else this.#expect(size, this.#open(header, names, size, sparse?.map));
  }

  /** The map comes first: from the header on in old GNU archives, at the start of the content in PAX 1.0. */
  #awaitMap(header: TarHeader, names: RawNames, size: number, sparse: PaxSparse | undefined, block: Uint8Array): void {
    let left = size;
    // The chunk that the names are in may be gone when the map is complete.
    const kept: RawNames = { name: Uint8Array.from(names.name), link: Uint8Array.from(names.link) };
    const { maxHeaderBytes } = this.#limits;
    this.#state = "sparse";
    this.#whenMapped = (map) => this.#expect(left, this.#open(header, kept, left, map));
    if (sparse?.kind === "blocks") {
      const reader = readPaxSparseMap(sparse.realSize, maxHeaderBytes, this.#what);
      this.#sparse = { add: (bytes) => ((left -= BLOCK), reader.add(bytes)) };
    } else {
      this.#sparse = readGnuSparseMap(maxHeaderBytes, this.#what);
      this.#readSparseBlock(block);
    }
  }

  #readSparseBlock(block: Uint8Array): void {
    const map = this.#sparse?.add(block);
    if (map !== undefined) this.#whenMapped?.(map);
  }

  #open(header: TarHeader, names: RawNames, stored: number, map: SparseMap | undefined): EntrySink | undefined {
    if (map !== undefined) checkSparseMap(map, stored, this.#what);
    const { maxNameBytes, maxSparseBytes } = this.#limits;
    const name = decodeName(names.name.subarray(0, maxNameBytes));
    if (Math.max(names.name.byteLength, names.link.byteLength) > maxNameBytes) {
      const reason = `an entry with a name of more than ${maxNameBytes} bytes was skipped`;
      this.#visitor.notice(`${normaliseName(name).path.slice(0, SHOWN)}...`, reason);
      return undefined;
    }
    const sink = this.#visitor.visit(toEntry(header, name, decodeName(names.link), map?.realSize ?? stored));
    if (sink === undefined || map === undefined) return sink;
    if (map.realSize <= maxSparseBytes) return fillHoles(map, sink);
    this.#visitor.notice(normaliseName(name).path, `a sparse file of ${map.realSize} bytes was not read`);
    return undefined;
  }

  /** Content of `left` bytes comes next; all that came before it was whole blocks. */
  #expect(left: number, sink: EntrySink | undefined): void {
    this.#left = left;
    this.#padding = (BLOCK - (left % BLOCK)) % BLOCK;
    this.#sink = sink;
    this.#state = "content";
    if (left === 0) this.#endContent();
  }

  #readContent(chunk: Uint8Array, at: number): number {
    const length = Math.min(this.#left, chunk.byteLength - at);
    if (this.#sink !== undefined && !this.#sink.write(chunk.subarray(at, at + length))) {
      const { end } = this.#sink;
      this.#sink = { write: () => true, end };
    }
    this.#left -= length;
    if (this.#left === 0) this.#endContent();
    return at + length;
  }

  #endContent(): void {
    this.#state = this.#padding === 0 ? "header" : "padding";
    const sink = this.#sink;
    this.#sink = undefined;
    sink?.end();
  }

  #refuse(reason: string): WaybillError {
    return new WaybillError("IMAGE_REFUSED", `${this.#what}: ${reason}`);
  }

  #over(reason: string): WaybillError {
    return new WaybillError("LIMIT_EXCEEDED", `${this.#what}: ${reason}`);
  }
}

const SLASH = 0x2f;
// Characters of a name too long that are shown.
const SHOWN = 200;

interface RawNames {
  readonly name: Uint8Array;
  readonly link: Uint8Array;
}

const toEntry = (header: TarHeader, rawName: string, rawLink: string, size: number): TarEntry => {
  const { path, escaped } = normaliseName(rawName);
  const type = header.flag === "\0" && rawName.endsWith("/") ? "directory" : (TYPES[header.flag] ?? "other");
  const linkTarget = type === "symlink" ? rawLink : type === "hardlink" ? normaliseName(rawLink).path : undefined;
  return { path, type, size, mode: header.mode, linkTarget, escaped };
};

/** A sink that keeps the whole content. */
const collect = (size: number, whenDone: (body: Uint8Array) => void): EntrySink => {
  const body = new Uint8Array(size);
  let filled = 0;
  return {
    write: (chunk) => {
      body.set(chunk, filled);
      filled += chunk.byteLength;
      return true;
    },
    end: () => whenDone(body),
  };
};

// An empty long name says nothing.
const cutAtNul = (bytes: Uint8Array): Uint8Array | undefined => {
  const nul = bytes.indexOf(0);
  const name = nul === -1 ? bytes : bytes.subarray(0, nul);
  return name.byteLength === 0 ? undefined : name;
};
