// Of text; a multiple of four, so that its bytes end where it ends.
const SLICE = 1024 * 1024;

/** RFC 4648 section 4: standard alphabet, padded, unused bits zero, no blanks. Undefined for anything else. */
export const decodeBase64 = (text: string): Uint8Array | undefined => {
  if (text.length % 4 !== 0) return undefined;
  const bytes = Buffer.from(text, "base64");
  // Node reads many spellings, even characters of which only the low byte is in the alphabet; there is one way to write it.
  for (let at = 0; at < text.length; at += SLICE) {
    const slice = bytes.subarray((at / 4) * 3, ((at + SLICE) / 4) * 3);
    if (slice.toString("base64") !== text.slice(at, at + SLICE)) return undefined;
  }
  return bytes;
};

/** Either alphabet of RFC 4648, one at a time, padded or not: what protojson and DSSE readers take (cosign.md 3.1, 11.9). */
export const decodeAnyBase64 = (text: string): Uint8Array | undefined => {
  const url = /[-_]/.test(text);
  if (url && /[+/]/.test(text)) return undefined;
  const standard = url ? text.replaceAll("-", "+").replaceAll("_", "/") : text;
  return decodeBase64(standard.includes("=") ? standard : standard + "=".repeat((4 - (standard.length % 4)) % 4));
};

export const encodeBase64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
