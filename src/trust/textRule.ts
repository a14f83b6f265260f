import { RE2JS } from "re2js";
import { WaybillError } from "#core/errors.ts";

/** What a text must be: this value, or wholly matched by this pattern (RE2). */
export type TextRule =
  | { readonly kind: "exact"; readonly value: string }
  | { readonly kind: "pattern"; readonly source: string };

// RE2 takes time in proportion to the pattern; identities are matched by one line.
const MAX_PATTERN = 4096;

const compiled = new WeakMap<TextRule, RE2JS>();

/** Compiled once for each rule. USAGE_INVALID for what is no pattern of RE2: the rule is the user's own. */
const compile = (rule: Extract<TextRule, { kind: "pattern" }>): RE2JS => {
  const known = compiled.get(rule);
  if (known !== undefined) return known;
  const pattern = parse(rule.source);
  compiled.set(rule, pattern);
  return pattern;
};

const parse = (source: string): RE2JS => {
  if (source.length > MAX_PATTERN) {
    throw new WaybillError(
      "USAGE_INVALID",
      `a pattern has ${source.length} characters; at most ${MAX_PATTERN} are read`,
    );
  }
  try {
    return RE2JS.compile(source);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new WaybillError("USAGE_INVALID", `${JSON.stringify(source)} is no regular expression: ${why}`, {
      cause,
      hint: "Patterns are RE2 (https://github.com/google/re2/wiki/Syntax): no look-around, no back-references.",
    });
  }
};

/** Throws USAGE_INVALID for a pattern that is none, so that it is known before anything is fetched. */
export const checkTextRule = (rule: TextRule): void => {
  if (rule.kind === "pattern") compile(rule);
};

/** A pattern must match from the first to the last character: `^(?:...)$`, said without writing it around the pattern. */
export const satisfies = (text: string, rule: TextRule): boolean =>
  rule.kind === "exact" ? text === rule.value : compile(rule).testExact(text);

/**
 * A pattern that matches within `text` but not all of it, as cosign would let it: the anchored pattern that would allow the
 * same. Undefined where the rule matches nowhere, or is not a pattern.
 */
export const widen = (text: string, rule: TextRule): string | undefined => {
  if (rule.kind === "exact") return undefined;
  const matcher = compile(rule).matcher(text);
  if (!matcher.find()) return undefined;
  const { source } = rule;
  const [before, after] = [matcher.start() > 0 ? ".*" : "", matcher.end() < text.length ? ".*" : ""];
  const candidates = [`${before}${source}${after}`, `${before}(?:${source})${after}`, `.*(?:${source}).*`];
  return candidates.find((candidate) => RE2JS.compile(candidate).testExact(text));
};

/** For people: the value, or the pattern between slashes. */
export const showRule = (rule: TextRule): string =>
  rule.kind === "exact" ? JSON.stringify(rule.value) : `/${rule.source}/`;
