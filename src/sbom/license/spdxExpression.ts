import parse from "spdx-expression-parse";

// Longer ones are not written by people, and the parser's recursion grows with them.
const MAX_LENGTH = 1000;
// The deprecated ids that stand for an id WITH an exception.
const COMBINED: ReadonlyMap<string, string> = new Map([
  ["GPL-2.0-with-autoconf-exception", "GPL-2.0-only WITH Autoconf-exception-2.0"],
  ["GPL-2.0-with-bison-exception", "GPL-2.0-only WITH Bison-exception-2.2"],
  ["GPL-2.0-with-classpath-exception", "GPL-2.0-only WITH Classpath-exception-2.0"],
  ["GPL-2.0-with-font-exception", "GPL-2.0-only WITH Font-exception-2.0"],
  ["GPL-2.0-with-GCC-exception", "GPL-2.0-only WITH GCC-exception-2.0"],
  ["GPL-3.0-with-autoconf-exception", "GPL-3.0-only WITH Autoconf-exception-3.0"],
  ["GPL-3.0-with-GCC-exception", "GPL-3.0-only WITH GCC-exception-3.1"],
]);
const GNU = /(?<![\w.-])((?:[AL]?GPL|GFDL)-\d\.\d)(\+?)(?![\w.+-])/g;

/**
 * The text as a valid SPDX expression with today's ids (`GPL-2.0+` becomes `GPL-2.0-or-later`, because consumers stumble
 * over the deprecated ones: syft#3674), or undefined when it is none.
 */
export const spdxExpression = (text: string): string | undefined => {
  const trimmed = text.trim();
  if (trimmed === "" || trimmed.length > MAX_LENGTH) return undefined;
  const current = trimmed
    .replace(GNU, (_, id: string, plus: string) => `${id}-${plus === "+" ? "or-later" : "only"}`)
    .replace(/GPL-\d\.0-with-[A-Za-z]+-exception/g, (id) => COMBINED.get(id) ?? id)
    .replace(/\s+/g, " ");
  try {
    parse(current);
    return unwrap(current);
  } catch {
    return undefined;
  }
};

// npm asks for parentheses around every OR; one pair around a single id says nothing.
const unwrap = (expression: string): string => /^\(([^() ]+)\)$/.exec(expression)?.[1] ?? expression;
