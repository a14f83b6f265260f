import { compareMarker } from "#sbom/python/compareMarker.ts";
import type { MarkerEnvironment } from "#sbom/python/compareMarker.ts";
import { markerTokens } from "#sbom/python/markerTokens.ts";
import type { MarkerToken } from "#sbom/python/markerTokens.ts";

/** True, false, or undefined: cannot be told. */
type Answer = boolean | undefined;
type Pending = "and" | "or" | "open";

/**
 * Whether an environment marker (PEP 508) holds, or undefined where a variable is not known and decides, or the text is no
 * marker. Two stacks and no recursion: the depth is the stranger's.
 */
export const evaluateMarker = (marker: string, environment: MarkerEnvironment): Answer => {
  const tokens = markerTokens(marker);
  return tokens === undefined ? undefined : evaluateTokens(tokens, environment);
};

const evaluateTokens = (tokens: readonly MarkerToken[], environment: MarkerEnvironment): Answer => {
  const answers: Answer[] = [];
  const pending: Pending[] = [];
  let at = 0;
  let wantsOperand = true;
  while (at < tokens.length) {
    const token = tokens[at];
    if (wantsOperand && token?.kind === "open") {
      pending.push("open");
      at++;
    } else if (wantsOperand) {
      const comparison = readComparison(tokens, at);
      if (comparison === undefined) return undefined;
      answers.push(compareMarker(comparison.left, comparison.operator, comparison.right, environment));
      at = comparison.next;
      wantsOperand = false;
    } else if (token?.kind === "close") {
      settle(answers, pending, 0);
      if (pending.pop() !== "open") return undefined;
      at++;
    } else if (token?.kind === "and" || token?.kind === "or") {
      settle(answers, pending, RANK[token.kind]);
      pending.push(token.kind);
      at++;
      wantsOperand = true;
    } else return undefined;
  }
  settle(answers, pending, 0);
  return wantsOperand || pending.length > 0 ? undefined : answers[0];
};

const RANK: Readonly<Record<Pending, number>> = { open: -1, or: 1, and: 2 };

/** Applies what binds at least as strongly as `rank`, down to the last open bracket. */
const settle = (answers: Answer[], pending: Pending[], rank: number): void => {
  for (let last = pending.at(-1); last !== undefined && RANK[last] >= rank && last !== "open"; last = pending.at(-1)) {
    pending.pop();
    const right = answers.pop();
    const left = answers.pop();
    answers.push(last === "and" ? both(left, right) : either(left, right));
  }
};

const both = (a: Answer, b: Answer): Answer =>
  a === false || b === false ? false : a === undefined || b === undefined ? undefined : true;

const either = (a: Answer, b: Answer): Answer =>
  a === true || b === true ? true : a === undefined || b === undefined ? undefined : false;

type Operand = Extract<MarkerToken, { readonly text: string }>;

interface Comparison {
  readonly left: Operand;
  readonly operator: string;
  readonly right: Operand;
  readonly next: number;
}

const readComparison = (tokens: readonly MarkerToken[], at: number): Comparison | undefined => {
  const isNot = tokens[at + 1]?.kind === "not";
  const left = operand(tokens[at]);
  const operator = tokens[isNot ? at + 2 : at + 1];
  const right = operand(tokens[isNot ? at + 3 : at + 2]);
  if (left === undefined || operator?.kind !== "operator" || right === undefined) return undefined;
  if (isNot && operator.text !== "in") return undefined;
  return { left, operator: isNot ? "not in" : operator.text, right, next: at + (isNot ? 4 : 3) };
};

const operand = (token: MarkerToken | undefined): Operand | undefined =>
  token?.kind === "text" || token?.kind === "variable" ? token : undefined;
