import { WaybillError } from "#core/errors.ts";

/** Cuts a zstd stream at its frames. */
export interface FrameSplitter {
  /**
   * The parts of the chunk that belong to frames with content, in order, none reaching over the end of a frame; skippable
   * frames are left out. Throws IMAGE_REFUSED for what is no zstd and LIMIT_EXCEEDED for a window over the limit.
   */
  readonly split: (chunk: Uint8Array) => readonly Uint8Array[];
  /** Throws IMAGE_REFUSED when the stream ends within a frame. */
  readonly end: () => void;
}

/**
 * Node's decoder (24.21) stops after the first of several frames in one write, and gives nothing for a stream that begins with
 * a skippable frame, both without an error (sbom.md 4.7). Written frame by frame it reads them all, so the frames are found
 * here, by RFC 8878 section 3: frame header, block headers, checksum.
 */
export const splitZstdFrames = (maxWindow: number, what: string): FrameSplitter => {
  const splitter = new Splitter(maxWindow, what);
  return { split: (chunk) => splitter.split(chunk), end: () => splitter.end() };
};

const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const FCS_BYTES = [0, 2, 4, 8];
const DICTIONARY_BYTES = [0, 1, 2, 4];

type Field = "magic" | "skippableSize" | "skippable" | "descriptor" | "header" | "blockHeader" | "block" | "checksum";

class Splitter {
  readonly #maxWindow: number;
  readonly #what: string;
  /** The field that is being read, its bytes where they count, and how many of it are to come. */
  #field: Field = "magic";
  readonly #bytes = Buffer.alloc(16);
  #filled = 0;
  #left = 4;
  #descriptor = 0;
  #lastBlock = false;
  #atFrameStart = true;

  constructor(maxWindow: number, what: string) {
    this.#maxWindow = maxWindow;
    this.#what = what;
  }

  split(chunk: Uint8Array): readonly Uint8Array[] {
    const pieces: Uint8Array[] = [];
    // Where the frame under way begins in this chunk; undefined while it is not known to be one with content.
    let start = this.#inFrame() ? 0 : undefined;
    for (let at = 0; at < chunk.byteLength;) {
      const taken = Math.min(this.#left, chunk.byteLength - at);
      this.#keep(chunk, at, taken);
      at += taken;
      this.#left -= taken;
      this.#atFrameStart = false;
      while (this.#left === 0 && !this.#atFrameStart) {
        const before = this.#field;
        this.#advance();
        if (before === "magic" && this.#field === "descriptor") start = this.#openPiece(pieces, at);
        if (this.#atFrameStart && start !== undefined) {
          pieces.push(chunk.subarray(start, at));
          start = undefined;
        }
      }
    }
    if (start !== undefined && start < chunk.byteLength) pieces.push(chunk.subarray(start));
    return pieces;
  }

  end(): void {
    if (!this.#atFrameStart) throw this.#refuse("the zstd stream ends within a frame");
  }

  #inFrame(): boolean {
    return this.#field !== "magic" && this.#field !== "skippableSize" && this.#field !== "skippable";
  }

  /** The magic was held back until it was known; where it came in two chunks its bytes go as a piece of their own. */
  #openPiece(pieces: Uint8Array[], at: number): number {
    if (at >= 4) return at - 4;
    pieces.push(Uint8Array.from(this.#bytes.subarray(0, 4)));
    return at;
  }

  #keep(chunk: Uint8Array, at: number, taken: number): void {
    if (this.#field === "block" || this.#field === "skippable" || this.#field === "checksum") return;
    this.#bytes.set(chunk.subarray(at, at + taken), this.#filled);
    this.#filled += taken;
  }

  #expect(field: Field, bytes: number): void {
    this.#field = field;
    this.#left = bytes;
    this.#filled = 0;
  }

  #startFrame(): void {
    this.#expect("magic", 4);
    this.#atFrameStart = true;
  }

  #advance(): void {
    switch (this.#field) {
      case "magic":
        return this.#readMagic();
      case "skippableSize":
        return this.#expect("skippable", this.#bytes.readUInt32LE(0));
      case "descriptor":
        return this.#readDescriptor();
      case "header":
        this.#checkWindow();
        return this.#expect("blockHeader", 3);
      case "blockHeader":
        return this.#readBlockHeader();
      case "block":
        if (!this.#lastBlock) return this.#expect("blockHeader", 3);
        return (this.#descriptor & 4) === 0 ? this.#startFrame() : this.#expect("checksum", 4);
      case "skippable":
      case "checksum":
        return this.#startFrame();
    }
  }

  #readMagic(): void {
    const magic = this.#bytes.readUInt32LE(0);
    if (magic === FRAME_MAGIC) this.#expect("descriptor", 1);
    else if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) this.#expect("skippableSize", 4);
    else throw this.#refuse("bytes that are no zstd frame follow the zstd stream");
  }

  // RFC 8878 3.1.1.1.1: content size flag (2 bits), single segment, unused, reserved, checksum, dictionary id flag (2 bits).
  #readDescriptor(): void {
    const descriptor = this.#bytes[0] ?? 0;
    this.#descriptor = descriptor;
    const single = (descriptor & 0x20) !== 0;
    const contentSize = descriptor >> 6 === 0 && single ? 1 : (FCS_BYTES[descriptor >> 6] ?? 0);
    const bytes = (single ? 0 : 1) + (DICTIONARY_BYTES[descriptor & 3] ?? 0) + contentSize;
    if ((descriptor & 3) !== 0) throw this.#refuse("the zstd stream needs a dictionary");
    if (bytes === 0) this.#expect("blockHeader", 3);
    else this.#expect("header", bytes);
  }

  // RFC 8878 3.1.1.1.2: five bits of exponent, three of mantissa. A single segment's window is its content.
  #checkWindow(): void {
    const first = this.#bytes[0] ?? 0;
    const base = 2 ** (10 + (first >> 3));
    const single = (this.#descriptor & 0x20) !== 0;
    const window = single ? this.#readContentSize() : base + (base / 8) * (first & 7);
    if (window > this.#maxWindow) {
      throw new WaybillError(
        "LIMIT_EXCEEDED",
        `${this.#what}: the zstd stream needs a window of ${window} bytes, the limit is ${this.#maxWindow}`,
      );
    }
  }

  #readContentSize(): number {
    const bytes = this.#bytes;
    if (this.#filled === 1) return bytes[0] ?? 0;
    // Two bytes count from 256 on.
    if (this.#filled === 2) return bytes.readUInt16LE(0) + 256;
    return this.#filled === 4 ? bytes.readUInt32LE(0) : Number(bytes.readBigUInt64LE(0));
  }

  // RFC 8878 3.1.1.2: last block, type (2 bits), size (21 bits); a run-length block holds one byte whatever its size.
  #readBlockHeader(): void {
    const header = this.#bytes.readUIntLE(0, 3);
    const type = (header >> 1) & 3;
    if (type === 3) throw this.#refuse("a zstd block is of a reserved type");
    this.#lastBlock = (header & 1) !== 0;
    this.#expect("block", type === 1 ? 1 : header >> 3);
  }

  #refuse(reason: string): WaybillError {
    return new WaybillError("IMAGE_REFUSED", `${this.#what}: ${reason}`);
  }
}
