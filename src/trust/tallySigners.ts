import type { PublicKey } from "#core/keyAlgorithm.ts";
import { keyFingerprint } from "#trust/publicKey.ts";
import type { TrustedKey } from "#trust/verifiedClaim.ts";

/** How many of the trusted keys must say the same: each, or a number of distinct ones. */
export type SignerDemand = { readonly kind: "every" } | { readonly kind: "at-least"; readonly count: number };

/** One verified claim as it is counted. */
export interface SignedWord {
  readonly key: PublicKey;
  /** Equal where two claims say the same (`saidBy`). */
  readonly said: string;
}

/** Who said what was asked for. Keys go by their names, each key by its first one. */
export interface SignerTally {
  readonly ok: boolean;
  /** Distinct keys that had to say the same. */
  readonly needed: number;
  /** What enough keys said: only these words count. Empty where `ok` is false. */
  readonly accepted: ReadonlySet<string>;
  /** Keys that said what counts or, where nothing does, what most keys said. */
  readonly signed: readonly string[];
  /** The other keys. */
  readonly missing: readonly string[];
  /** Those of the missing that signed, but something else. */
  readonly divided: readonly string[];
}

/**
 * Counts keys, never signatures: a key that is given twice, or that signed twice, is one (attack 19). Keys count together only
 * where they said the same, so that nothing passes for the word of two that is the word of one. No keys satisfy nobody.
 */
export const tallySigners = (
  trusted: readonly TrustedKey[],
  words: readonly SignedWord[],
  demand: SignerDemand,
): SignerTally => {
  const keys = distinctKeys(trusted);
  const needed = Math.max(1, demand.kind === "every" ? keys.length : demand.count);
  const known = new Set(keys.map(({ key }) => keyFingerprint(key)));
  const speakers = new Map<string, Set<string>>();
  for (const { key, said } of words) {
    const name = keyFingerprint(key);
    if (known.has(name)) speakers.set(said, (speakers.get(said) ?? new Set<string>()).add(name));
  }
  const enough = [...speakers].filter(([, by]) => by.size >= needed);
  const [most] = [...speakers].toSorted(([, a], [, b]) => b.size - a.size);
  const counted = new Set((enough.length > 0 ? enough : most === undefined ? [] : [most]).flatMap(([, by]) => [...by]));
  const anywhere = new Set([...speakers.values()].flatMap((by) => [...by]));
  const namesOf = (wants: (fingerprint: string) => boolean): readonly string[] =>
    keys.filter(({ key }) => wants(keyFingerprint(key))).map(({ name }) => name);
  return {
    ok: enough.length > 0,
    needed,
    accepted: new Set(enough.map(([said]) => said)),
    signed: namesOf((one) => counted.has(one)),
    missing: keys.length === 0 ? ["any key"] : namesOf((one) => !counted.has(one)),
    divided: namesOf((one) => anywhere.has(one) && !counted.has(one)),
  };
};

/** Each key once, under the name by which it was given first; one key has one SPKI, whatever its file looks like. */
export const distinctKeys = (keys: readonly TrustedKey[]): readonly TrustedKey[] => {
  const byFingerprint = new Map<string, TrustedKey>();
  for (const one of keys) {
    const fingerprint = keyFingerprint(one.key);
    if (!byFingerprint.has(fingerprint)) byFingerprint.set(fingerprint, one);
  }
  return [...byFingerprint.values()];
};
