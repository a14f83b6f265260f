const STANDARD = /^[A-Za-z0-9+/]*={0,2}$/;

/** RFC 4648 section 4: standard alphabet, padded, unused bits zero, no blanks. Undefined for anything else. */
export const decodeBase64 = (text: string): Uint8Array | undefined => {
  if (text.length % 4 !== 0 || !STANDARD.test(text)) return undefined;
  const bytes = Buffer.from(text, "base64");
  // The last group tells whether its unused bits are zero; before it there is only one way to write the bytes.
  const tail = bytes.subarray(bytes.byteLength - (bytes.byteLength % 3 || Math.min(3, bytes.byteLength)));
  return tail.toString("base64") === text.slice(-4) ? bytes : undefined;
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
