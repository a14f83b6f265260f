/** A token of an environment marker (PEP 508). */
export type MarkerToken =
  | { readonly kind: "open" | "close" | "and" | "or" | "not" }
  | { readonly kind: "operator" | "text" | "variable"; readonly text: string };

const TOKEN = /[ \t]*(?:([()])|(<=|>=|===|==|~=|!=|<|>)|"([^"]*)"|'([^']*)'|([A-Za-z_][A-Za-z0-9_.]*))/y;
const MAX_LENGTH = 4096;
const WORDS: ReadonlySet<string> = new Set(["and", "or", "not"]);

/** The tokens of a marker, or undefined where it is none. */
export const markerTokens = (marker: string): readonly MarkerToken[] | undefined => {
  const text = marker.trim();
  if (text.length > MAX_LENGTH) return undefined;
  const tokens: MarkerToken[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text);
    if (match === null) return undefined;
    tokens.push(toToken(match));
  }
  return tokens;
};

const toToken = ([, bracket, operator, double, single, word = ""]: RegExpExecArray): MarkerToken => {
  if (bracket !== undefined) return { kind: bracket === "(" ? "open" : "close" };
  if (operator !== undefined) return { kind: "operator", text: operator };
  const literal = double ?? single;
  if (literal !== undefined) return { kind: "text", text: literal };
  if (word === "in") return { kind: "operator", text: "in" };
  return WORDS.has(word) ? { kind: word as "and" | "or" | "not" } : { kind: "variable", text: word };
};
