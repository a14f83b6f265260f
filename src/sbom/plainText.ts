/**
 * A stranger's text as one line of at most `cap` UTF-16 units, control characters become spaces; undefined where it is no
 * text or nothing is left.
 */
export const plainText = (value: unknown, cap: number): string | undefined => {
  if (typeof value !== "string" || value.length > MAX_READ) return undefined;
  const plain = value
    .toWellFormed()
    .replace(/\p{Cc}+/gu, " ")
    .trim();
  return plain === "" ? undefined : plain.slice(0, cap).toWellFormed();
};

const MAX_READ = 100_000;
