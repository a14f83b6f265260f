import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import { conformanceMissing, readConformanceCases } from "./conformanceCases.ts";
import { refusedBy } from "./derivation.ts";
import type { Derivation, Expectation } from "./derivation.ts";
import { CONTENTS } from "./derivedContents.ts";
import { ARTIFACTS, IDENTITIES } from "./derivedIdentities.ts";
import { PROOFS } from "./derivedProofs.ts";
import { ROOTS } from "./derivedRoots.ts";
import { readSubjects } from "./derivedSubject.ts";
import type { Subject } from "./derivedSubject.ts";
import { judgeQuestion } from "./judgeQuestion.ts";

const wanted = readConformanceCases().filter(({ accept }) => accept);
const given = readSubjects(wanted, "bytes");
// What else is asked does not depend on whether the artifact or its digest is at hand.
const inBoth = [...given, ...readSubjects(wanted, "digest")];

/** Changes of one kind, how many refusals and acceptances come of them, and the runs that they are made of. */
const THEMES: readonly (readonly [string, number, number, readonly Derivation[], readonly Subject[]])[] = [
  ["others are asked for", 479, 0, IDENTITIES, given],
  ["other artifacts are asked about", 168, 0, ARTIFACTS, inBoth],
  ["others are trusted, or at other times", 521, 44, ROOTS, given],
  ["proofs are missing, changed or others", 809, 19, PROOFS, given],
  ["content, signature or certificate is another", 814, 0, CONTENTS, inBoth],
];

interface Answer {
  readonly run: string;
  readonly expectation: Expectation;
  readonly isRight: boolean;
}

const ask = (subject: Subject, { name, derive, expected }: Derivation): readonly Answer[] => {
  const asked = derive(subject);
  if (asked === undefined) return [];
  const { one, question } = subject;
  const run = `${one.name} (${question.artifact.kind}), ${name}`;
  if (isDeepStrictEqual(asked, { question }))
    return [{ run: `${run}: is no change`, expectation: refusedBy(), isRight: false }];
  const answer = judgeQuestion(asked.question, asked.particulars);
  const expectation = expected(subject);
  const isRight = expectation.kind === "accepted" ? answer === "accept" : expectation.by.includes(answer);
  return [{ run: `${run}: ${answer}`, expectation, isRight }];
};

const numberOf = (answers: readonly Answer[], kind: Expectation["kind"]): number =>
  answers.filter(({ expectation }) => expectation.kind === kind).length;

describe.skipIf(conformanceMissing)("what a script derives from the accepted runs of the conformance suite", () => {
  it.each(THEMES)("%s: %i refused, %i accepted for a reason", (_, refused, unharmed, derivations, subjects) => {
    const answers = derivations.flatMap((one) => subjects.flatMap((subject) => ask(subject, one)));
    expect(answers.filter(({ isRight }) => !isRight).map(({ run }) => run)).toEqual([]);
    expect([numberOf(answers, "refused"), numberOf(answers, "accepted")]).toEqual([refused, unharmed]);
  });
});
