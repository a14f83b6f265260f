const PARTS = /[0-9]+|[A-Za-z]+|~|\^/g;
// Versions are short; parts beyond this are no version's.
const MAX_PARTS = 64;

/**
 * Negative, zero or positive as one version or release is older, the same or newer (rpm, "Version comparison"; rpmvercmp):
 * runs of digits by value, of letters by code, digits newer than letters; a tilde is older than anything, even the end, a
 * caret newer than the end and older than anything else.
 */
export const compareVersions = (one: string, other: string): number => {
  const ones = partsOf(one);
  const others = partsOf(other);
  for (let index = 0; index < Math.max(ones.length, others.length); index++) {
    const order = compareParts(ones[index], others[index]);
    if (order !== 0) return order;
  }
  return 0;
};

const partsOf = (version: string): readonly string[] => (version.match(PARTS) ?? []).slice(0, MAX_PARTS);

const compareParts = (one: string | undefined, other: string | undefined): number => {
  const rank = rankOf(one) - rankOf(other);
  if (rank !== 0 || one === undefined || other === undefined) return rank;
  if (!/^[0-9]/.test(one)) return one === other ? 0 : one < other ? -1 : 1;
  const digits = one.replace(/^0+/, "");
  const otherDigits = other.replace(/^0+/, "");
  if (digits.length !== otherDigits.length) return digits.length - otherDigits.length;
  return digits === otherDigits ? 0 : digits < otherDigits ? -1 : 1;
};

const rankOf = (part: string | undefined): number => {
  if (part === "~") return 0;
  if (part === undefined) return 1;
  if (part === "^") return 2;
  return /^[A-Za-z]/.test(part) ? 3 : 4;
};
