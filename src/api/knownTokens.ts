import { hash } from "node:crypto";

/** Which tokens have opened something lately. It is no proof that they still do. */
export interface KnownTokens {
  readonly has: (bearer: string) => boolean;
  readonly add: (bearer: string) => void;
  readonly remove: (bearer: string) => void;
}

// Some 150 bytes each. Beyond that, the one that was used longest ago is forgotten.
const MAX_KNOWN = 20_000;

/** Kept in memory by their SHA-256, never themselves. */
export const createKnownTokens = (): KnownTokens => {
  const known = new Set<string>();
  return {
    has: (bearer) => known.has(hash("sha256", bearer, "base64")),
    add: (bearer) => {
      const name = hash("sha256", bearer, "base64");
      known.delete(name);
      known.add(name);
      if (known.size > MAX_KNOWN) known.delete(known.values().next().value ?? name);
    },
    remove: (bearer) => void known.delete(hash("sha256", bearer, "base64")),
  };
};
