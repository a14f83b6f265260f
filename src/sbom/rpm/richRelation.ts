import type { RpmRelation } from "#sbom/rpm/rpmRecord.ts";

/** A boolean dependency: `(a if b else c)`. */
export type RichRelation =
  | { readonly kind: "one"; readonly relation: RpmRelation }
  | { readonly kind: RichOperator; readonly parts: readonly RichRelation[] };

export type RichOperator = "and" | "or" | "if" | "unless" | "with" | "without";

const SENSES: Readonly<Record<string, number>> = { "<": 2, "<=": 10, "=": 8, ">": 4, ">=": 12 };
const OPERATORS: ReadonlySet<string> = new Set(["and", "or", "if", "unless", "with", "without"]);
// People write two or three.
const MAX_DEPTH = 16;

/** Reads a boolean dependency (rpm, "Boolean Dependencies"), or undefined where it is none. */
export const readRichRelation = (text: string): RichRelation | undefined => {
  const tokens = tokensOf(text);
  let at = 0;
  const operand = (depth: number): RichRelation | undefined => {
    if (tokens[at] !== "(") return simple();
    if (depth >= MAX_DEPTH) return undefined;
    at++;
    const parts = [operand(depth + 1)];
    const operator = tokens[at] ?? "";
    while (isJoined(operator, tokens[at] ?? "")) {
      at++;
      parts.push(operand(depth + 1));
    }
    if (tokens[at++] !== ")" || !parts.every((part) => part !== undefined)) return undefined;
    return parts.length === 1 ? parts[0] : { kind: operator as RichOperator, parts };
  };
  const simple = (): RichRelation | undefined => {
    const name = tokens[at];
    if (name === undefined || name === ")" || OPERATORS.has(name)) return undefined;
    at++;
    const sense = SENSES[tokens[at] ?? ""];
    if (sense === undefined) return { kind: "one", relation: [name] };
    at += 2;
    return { kind: "one", relation: [name, sense, tokens[at - 1] ?? ""] };
  };
  const whole = operand(0);
  return at === tokens.length ? whole : undefined;
};

// One operator in a pair of parentheses; `if` and `unless` go on with `else`.
const isJoined = (operator: string, token: string): boolean =>
  OPERATORS.has(operator) && (token === operator || (token === "else" && (operator === "if" || operator === "unless")));

/** Parentheses within a name belong to it: `libc.so.6()(64bit)`, `config(bash)`. */
const tokensOf = (text: string): readonly string[] => {
  const tokens: string[] = [];
  for (let at = 0; at < text.length;) {
    const character = text[at] ?? "";
    if (/\s/.test(character)) at++;
    else if (character === "(" || character === ")") {
      tokens.push(character);
      at++;
    } else {
      const end = wordEnd(text, at);
      tokens.push(text.slice(at, end));
      at = end;
    }
  }
  return tokens;
};

const wordEnd = (text: string, start: number): number => {
  let open = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at] ?? "";
    if (character === "(") open++;
    else if (/\s/.test(character) || (character === ")" && open-- === 0)) return at;
  }
  return text.length;
};
