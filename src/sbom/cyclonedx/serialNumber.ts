import { createHash } from "node:crypto";

// RFC 9562, Appendix A: the name space of URLs, and below it the one of these documents.
const URL_SPACE = Buffer.from("6ba7b8119dad11d180b400c04fd430c8", "hex");

/** A UUID of version 5 (RFC 9562, 5.5) over the document without it: the same content has the same number. */
export const serialNumber = (content: string): string => {
  const hash = createHash("sha1").update(URL_SPACE).update("https://cyclonedx.org/bom#").update(content).digest();
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.toString("hex");
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)];
  return `urn:uuid:${parts.join("-")}`;
};
