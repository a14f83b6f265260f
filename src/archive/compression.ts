/** How bytes are compressed; `unknown` is something that is not read. */
export type Compression = "gzip" | "zstd" | "none" | "unknown";

/** As many first bytes tell the compression. */
export const MAGIC_BYTES = 10;

/** By its first bytes, of which MAGIC_BYTES are enough, because names and media types lie (sbom.md 4.7). */
export const findCompression = (head: Buffer): Compression => {
  const hex = head.toString("hex");
  if (hex.startsWith("1f8b")) return "gzip";
  // RFC 8878 3.1: a frame, or one of sixteen kinds of skippable ones.
  if (/^(?:28b52ffd|5.2a4d18)/.test(hex)) return "zstd";
  // xz, and bzip2 with the mark of its first block or of its end.
  return /^(?:fd377a585a00|425a683.(?:314159265359|177245385090))/.test(hex) ? "unknown" : "none";
};
