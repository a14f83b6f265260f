import type { Asked, Subject } from "./derivedSubject.ts";

/** What must come of a change: codes of which one must be given, or why it changes nothing. */
export type Expectation =
  | { readonly kind: "refused"; readonly by: readonly string[] }
  | { readonly kind: "accepted"; readonly because: string };

/** One change of an accepted run. */
export interface Derivation {
  readonly name: string;
  /** Undefined where the run has nothing of the kind. */
  readonly derive: (subject: Subject) => Asked | undefined;
  readonly expected: (subject: Subject) => Expectation;
}

export const refusedBy = (...by: readonly string[]): Expectation => ({ kind: "refused", by });

export const accepted = (because: string): Expectation => ({ kind: "accepted", because });

/** A change for the runs that `applies` to. */
export const derivation = (
  name: string,
  expected: Expectation | ((subject: Subject) => Expectation),
  derive: (subject: Subject) => Asked,
  applies: (subject: Subject) => boolean = () => true,
): Derivation => ({
  name,
  derive: (subject) => (applies(subject) ? derive(subject) : undefined),
  expected: typeof expected === "function" ? expected : () => expected,
});

export const isCertified = ({ isKeyed }: Subject): boolean => !isKeyed;
