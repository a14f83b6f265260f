import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conformanceMissing, readConformanceCases } from "./conformanceCases.ts";
import type { ConformanceCase } from "./conformanceCases.ts";
import { judgeQuestion, questionOf } from "./judgeQuestion.ts";
import type { Question } from "./judgeQuestion.ts";
import { CHANGE_KINDS, mutateJson } from "./mutateJson.ts";
import type { Change } from "./mutateJson.ts";
import { askSigstoreVerify } from "./sigstoreVerify.ts";
import { STRICTER } from "./stricterRules.ts";

const RUNS = Number(process.env["WAYBILL_MUTATIONS"] ?? 5000);

// Of so many mutations that a stricter rule may have refused, one is asked about.
const SAMPLED = 4;

const isJson = ({ bundle }: ConformanceCase): boolean => {
  try {
    return typeof JSON.parse(bundle) === "object";
  } catch {
    return false;
  }
};

const cases = readConformanceCases();
const readable = cases.filter(isJson);
// What is refused already seldom turns into something that is of interest.
const bases = [...readable, ...readable.filter(({ accept }) => accept), ...readable.filter(({ accept }) => accept)];

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom(...CHANGE_KINDS),
  where: fc.nat(),
  other: fc.nat(),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 3 }),
});

const mutation = fc.record({
  base: fc.nat(),
  donor: fc.nat(),
  inRoot: fc.nat(9).map((one) => one === 0),
  isDigest: fc.nat(15).map((one) => one === 0),
  changes: fc.oneof({ weight: 3, arbitrary: fc.tuple(change) }, { weight: 1, arbitrary: fc.tuple(change, change) }),
});
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

const pick = (list: readonly ConformanceCase[], at: number): ConformanceCase => {
  const one = list[at % list.length];
  if (one === undefined) throw new TypeError("there are no cases");
  return one;
};

const mutate = ({ base, donor, inRoot, isDigest, changes }: Mutation): Question => {
  const question = questionOf(pick(bases, base), isDigest ? "digest" : "bytes");
  const other = pick(readable, donor);
  const apply = (text: string, of: string): string => changes.reduce((now, one) => tryChange(now, of, one), text);
  return inRoot
    ? { ...question, trustedRoot: apply(question.trustedRoot, other.trustedRoot) }
    : { ...question, bundle: apply(question.bundle, other.bundle) };
};

/** A text that an earlier change left no JSON is changed no further. */
const tryChange = (text: string, donor: string, one: Change): string => {
  try {
    return mutateJson(text, donor, one);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
};

interface Comparison {
  /** What the answers are together. */
  readonly outcome: string;
  /** How they differ where they must not. */
  readonly fault?: string;
}

const compare = (drawn: Mutation): Comparison => {
  const question = mutate(drawn);
  const ours = judgeQuestion(question);
  // Where a rule refuses, nothing depends on the answer, and the library is slow: it is asked for some, to be counted.
  const isRuled = Object.hasOwn(STRICTER, ours);
  if (isRuled && drawn.donor % SAMPLED > 0) return { outcome: "refused by a rule" };
  const theirs = askSigstoreVerify(question);
  if (ours !== "accept" && theirs !== "accept") return { outcome: "both refuse" };
  if (ours !== "accept")
    return isRuled ? { outcome: `stricter: ${ours}` } : { outcome: "stricter", fault: `without a rule: ${ours}` };
  if (theirs === "accept") return { outcome: "both accept" };
  return { outcome: "laxer", fault: `accepted, and the library says ${theirs}` };
};

describe.skipIf(conformanceMissing)("Waybill and @sigstore/verify", () => {
  it(`differ on ${RUNS} mutations of the suite only where Waybill is stricter by a rule`, { timeout: 900_000 }, () => {
    const tally = new Map<string, number>();
    const property = fc.property(mutation, (drawn) => {
      const { outcome, fault } = compare(drawn);
      tally.set(outcome, (tally.get(outcome) ?? 0) + 1);
      expect(fault).toBeUndefined();
    });
    fc.assert(property, { numRuns: RUNS });
    console.log("mutations:", Object.fromEntries(tally));
    // Mutations that are all refused, or all for one reason, would prove nothing.
    expect(tally.get("both accept")).toBeGreaterThan(RUNS / 100);
    expect(tally.size).toBeGreaterThan(8);
  });
});
