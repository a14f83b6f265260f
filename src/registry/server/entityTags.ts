import type { Digest } from "#core/digest.ts";

/** True where an If-Match or If-None-Match header (RFC 9110 section 13.1) names the digest that is there now. */
export const namesDigest = (header: string, current: Digest | undefined): boolean => {
  if (current === undefined) return false;
  const tags = header.split(",").map((tag) =>
    tag
      .trim()
      .replace(/^W\//, "")
      .replace(/^"(.*)"$/, "$1"),
  );
  return tags.some((tag) => tag === "*" || tag === current);
};

export const entityTag = (digest: Digest): string => `"${digest}"`;
