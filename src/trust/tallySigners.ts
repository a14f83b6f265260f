import type { CountedSigner } from "#trust/signerId.ts";

/** How many of those who are trusted must say the same: each, or a number of distinct ones. */
export type SignerDemand = { readonly kind: "every" } | { readonly kind: "at-least"; readonly count: number };

/** One verified claim as it is counted. */
export interface SignedWord {
  /** See `signerId`. */
  readonly signer: string;
  /** By what the same person is known under another rule (`personNames`). */
  readonly person: readonly string[];
  /** Equal where two claims say the same (`saidBy`). */
  readonly said: string;
}

/** Who said what was asked for. Signers go by their names, each by its first one. */
export interface SignerTally {
  readonly ok: boolean;
  /** Distinct signers that had to say the same. */
  readonly needed: number;
  /** What enough signers said: only these words count. Empty where `ok` is false. */
  readonly accepted: ReadonlySet<string>;
  /** Those who said what counts or, where nothing does, what most of them said. */
  readonly signed: readonly string[];
  /** The others. */
  readonly missing: readonly string[];
  /** Those of the missing that signed, but something else. */
  readonly divided: readonly string[];
}

/**
 * Counts signers, never signatures: a key that is given twice, or that signed twice, is one, and so is whoever fits several
 * rules (attack 19). They count together
 * only where they said the same, so that nothing passes for the word of two that is the word of one. No signers satisfy nobody.
 */
export const tallySigners = (
  trusted: readonly CountedSigner[],
  words: readonly SignedWord[],
  demand: SignerDemand,
): SignerTally => {
  const needed = Math.max(1, demand.kind === "every" ? trusted.length : demand.count);
  const known = new Set(trusted.map(({ id }) => id));
  const speakers = new Map<string, Set<string>>();
  const persons = new Map<string, string>();
  for (const { signer, person, said } of words) {
    if (!known.has(signer)) continue;
    const [first = signer] = person.flatMap((name) => persons.get(name) ?? []);
    for (const name of person) persons.set(name, first);
    speakers.set(said, (speakers.get(said) ?? new Set<string>()).add(first));
  }
  const enough = [...speakers].filter(([, by]) => by.size >= needed);
  const [most] = [...speakers].toSorted(([, a], [, b]) => b.size - a.size);
  const counted = new Set((enough.length > 0 ? enough : most === undefined ? [] : [most]).flatMap(([, by]) => [...by]));
  const anywhere = new Set([...speakers.values()].flatMap((by) => [...by]));
  const namesOf = (wants: (id: string) => boolean): readonly string[] =>
    trusted.filter(({ id }) => wants(id)).map(({ name }) => name);
  return {
    ok: enough.length > 0,
    needed,
    accepted: new Set(enough.map(([said]) => said)),
    signed: namesOf((one) => counted.has(one)),
    missing: trusted.length === 0 ? ["any key"] : namesOf((one) => !counted.has(one)),
    divided: namesOf((one) => anywhere.has(one) && !counted.has(one)),
  };
};
