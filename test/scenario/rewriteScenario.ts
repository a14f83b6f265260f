import { compileLine, splitLines } from "./matchOutput.ts";
import type { Variables } from "./matchOutput.ts";
import { NEEDS_ESCAPE, NO_NEWLINE } from "./parseScenario.ts";
import type { Outcome } from "./runScenario.ts";

/** The scenario's text with what really happened in place of what was expected, for the steps that differed. */
export const rewriteScenario = (text: string, outcomes: readonly Outcome[]): string => {
  const lines = text.split("\n");
  // From the end, so that earlier line numbers stay true.
  for (const outcome of outcomes.toReversed()) {
    if (outcome.problem === undefined || outcome.step.kind === "env") continue;
    const { body, end } = outcome.step.span;
    lines.splice(body, end - body, ...writeBody(outcome), "");
  }
  return `${lines.join("\n").trimEnd()}\n`;
};

const writeBody = ({ step, ended, variables }: Outcome): readonly string[] => {
  if (step.kind === "env") return [];
  if (step.kind === "stop") return ended.exit === 0 ? [] : [`exit ${ended.exit}`];
  const { expected } = step;
  const stdout = writeLines(expected.stdout, splitLines(ended.stdout), variables);
  const stderr = writeLines(expected.stderr, splitLines(ended.stderr), variables);
  return [
    // Blank lines at the end would be taken for layout.
    ...stdout.map((line, index) => (stdout.slice(index).every((rest) => rest === "") ? "\\" : line)),
    ...(ended.stdout === "" || ended.stdout.endsWith("\n") ? [] : [NO_NEWLINE]),
    ...stderr.map((line) => `stderr> ${line}`.trimEnd()),
    ...(ended.exit === 0 ? [] : [`exit ${ended.exit}`]),
  ];
};

/** Keeps the patterns that still fit a line, in their order; the other lines stand as they are. */
const writeLines = (patterns: readonly string[], lines: readonly string[], variables: Variables): readonly string[] => {
  let from = 0;
  return lines.map((line) => {
    const at = patterns.findIndex(
      (pattern, index) => index >= from && pattern !== "..." && fits(pattern, line, variables),
    );
    if (at === -1) return writeLine(line, variables);
    from = at + 1;
    return patterns[at] ?? "";
  });
};

const fits = (pattern: string, line: string, variables: Variables): boolean =>
  compileLine(pattern, variables).test(line);

const writeLine = (line: string, variables: Variables): string => {
  const escaped = NEEDS_ESCAPE.test(line) ? `\\${line}` : line;
  let text = escaped.replaceAll("[[", "[[/\\[\\[/]]");
  // The longest values first: one may contain another.
  const known = Object.entries(variables).toSorted(([, a], [, b]) => b.length - a.length);
  for (const [name, value] of known) if (value.length > 3) text = text.replaceAll(value, `[[$${name}]]`);
  return text;
};
