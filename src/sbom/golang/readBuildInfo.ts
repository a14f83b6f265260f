/** What Go's linker leaves in a program: the toolchain's version and the module information as text. */
export interface GoBuildInfo {
  readonly version: string;
  readonly modules: string;
}

export type BuildInfoReading =
  | { readonly kind: "inline"; readonly info: GoBuildInfo }
  /** Before Go 1.18: addresses of two string headers. */
  | { readonly kind: "pointers"; readonly version: bigint; readonly modules: bigint }
  /** The blob goes on beyond these bytes. */
  | { readonly kind: "short" }
  | { readonly kind: "invalid"; readonly reason: string };

/** Starts the blob; always at a multiple of 16 (debug/buildinfo, buildInfoMagic and buildInfoAlign). */
export const BUILD_INFO_MAGIC = Buffer.from("\xff Go buildinf:", "latin1");

const HEADER = 32;
const BIG_ENDIAN = 1;
const INLINE = 2;
// `go1.22.3 X:experiment` and `devel go1.27-0123456 <date>` are a tenth of this.
const MAX_VERSION = 1024;
// A program of a thousand modules has 100 KiB.
const MAX_MODULES = 1024 * 1024;

/** Reads the blob that starts at the first byte: debug/buildinfo of Go 1.26, "buildInfoHeader". */
export const readBuildInfo = (bytes: Buffer): BuildInfoReading => {
  if (bytes.length < HEADER) return { kind: "short" };
  const flags = bytes[15] ?? 0;
  if ((flags & INLINE) === 0) return readPointers(bytes, bytes[14] ?? 0, (flags & BIG_ENDIAN) !== 0);
  const version = readText(bytes, HEADER, MAX_VERSION, "version");
  if (version.kind !== "text") return version;
  const name = version.bytes.toString("latin1");
  if (!/^(?:go|devel )[\x20-\x7e]*$/.test(name)) return invalid("its version is none");
  const modules = readText(bytes, version.end, MAX_MODULES, "module information");
  if (modules.kind !== "text") return modules;
  return { kind: "inline", info: { version: name, modules: withoutSentinels(modules.bytes) } };
};

/** The module text between its two sentinels of 16 bytes; empty when they are not there. */
export const withoutSentinels = (bytes: Buffer): string =>
  bytes.length >= 33 && bytes[bytes.length - 17] === 0x0a ? bytes.subarray(16, -16).toString("utf8") : "";

const readPointers = (bytes: Buffer, size: number, bigEndian: boolean): BuildInfoReading => {
  if (size !== 4 && size !== 8) return invalid(`pointers of ${size} bytes`);
  const at = (offset: number): bigint => {
    if (size === 4) return BigInt(bigEndian ? bytes.readUInt32BE(offset) : bytes.readUInt32LE(offset));
    return bigEndian ? bytes.readBigUInt64BE(offset) : bytes.readBigUInt64LE(offset);
  };
  return { kind: "pointers", version: at(16), modules: at(16 + size) };
};

type TextReading = Exclude<BuildInfoReading, { readonly kind: "inline" | "pointers" }>;

const readText = (
  bytes: Buffer,
  start: number,
  cap: number,
  what: string,
): TextReading | { readonly kind: "text"; readonly bytes: Buffer; readonly end: number } => {
  let length = 0;
  let at = start;
  for (let scale = 1; ; scale *= 128) {
    const byte = bytes[at++];
    if (byte === undefined) return { kind: "short" };
    length += (byte & 0x7f) * scale;
    if (length > cap) return invalid(`${what} of more than ${cap} bytes`);
    if (byte < 0x80) break;
    // A length of ten bytes is the longest of 64 bits (encoding/binary, MaxVarintLen64).
    if (at - start >= 10) return invalid(`${what} of an absurd length`);
  }
  if (at + length > bytes.length) return { kind: "short" };
  return { kind: "text", bytes: bytes.subarray(at, at + length), end: at + length };
};

const invalid = (reason: string): { readonly kind: "invalid"; readonly reason: string } => ({
  kind: "invalid",
  reason,
});
