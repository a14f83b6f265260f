/**
 * The SHA-512 in a subresource integrity text (words of `algorithm-base64`), in hex. npm writes it since 2017; the SHA-1 of
 * before is no proof.
 */
export const readIntegrity = (value: unknown): string | undefined => {
  const [, base64] = /(?:^|\s)sha512-([A-Za-z0-9+/]{86}==)(?:\s|$)/.exec(typeof value === "string" ? value : "") ?? [];
  return base64 === undefined ? undefined : Buffer.from(base64, "base64").toString("hex");
};
