/** Base64 in its one spelling (RFC 4648 section 4: padded, unused bits zero, no blanks). Undefined for anything else. */
export const decodeStrict = (text: string): Uint8Array | undefined => {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
};
