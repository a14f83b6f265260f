/** Values by name: what earlier steps captured and what the runner provides. */
export type Variables = Readonly<Record<string, string>>;

/** Named shapes of text that differs from run to run. */
const SHAPES: Readonly<Record<string, string>> = {
  "*": ".*?",
  digest: "sha256:[0-9a-f]{64}",
  hex: "[0-9a-f]+",
  number: "[0-9]+",
  time: "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?Z",
  version: "\\d+\\.\\d+\\.\\d+(?:-[0-9a-z.]+)?",
};

/** `[[shape]]`, `[[/expression/]]`, `[[name=shape]]`, `[[name=/expression/]]`, `[[$name]]`. */
const HOLE = /\[\[(?:\$(\w+)|(?:(\w+)=)?(?:\/(.+?)\/|(\*|\w+)))\]\]/g;

/** Captured values where the lines fit the patterns; undefined where they do not. A pattern `...` takes any number of lines. */
export const matchOutput = (
  patterns: readonly string[],
  lines: readonly string[],
  variables: Variables,
): Variables | undefined => {
  const matchers = patterns.map((pattern) => (pattern === "..." ? undefined : compileLine(pattern, variables)));
  const match = (at: number, line: number): Variables | undefined => {
    if (at === matchers.length) return line === lines.length ? {} : undefined;
    const matcher = matchers[at];
    if (matcher === undefined) {
      for (let next = line; next <= lines.length; next++) {
        const rest = match(at + 1, next);
        if (rest !== undefined) return rest;
      }
      return undefined;
    }
    const found = line < lines.length ? matcher.exec(lines[line] ?? "") : null;
    if (found === null) return undefined;
    const rest = match(at + 1, line + 1);
    return rest === undefined ? undefined : { ...found.groups, ...rest };
  };
  return match(0, 0);
};

/** One expected line as an expression; throws SyntaxError for a shape or a variable that does not exist. */
export const compileLine = (pattern: string, variables: Variables): RegExp => {
  const text = pattern.startsWith("\\") ? pattern.slice(1) : pattern;
  let source = "";
  let from = 0;
  for (const hole of text.matchAll(HOLE)) {
    const [whole, variable, name, expression, shape] = hole;
    source += RegExp.escape(text.slice(from, hole.index));
    const inner =
      variable === undefined ? (expression ?? known(SHAPES, shape ?? "")) : RegExp.escape(known(variables, variable));
    source += name === undefined ? `(?:${inner})` : `(?<${name}>${inner})`;
    from = hole.index + whole.length;
  }
  return new RegExp(`^${source}${RegExp.escape(text.slice(from))}$`, "s");
};

const known = (table: Readonly<Record<string, string>>, name: string): string => {
  const value = Object.hasOwn(table, name) ? table[name] : undefined;
  if (value === undefined) throw new SyntaxError(`[[${name}]]: unknown; known are ${Object.keys(table).join(", ")}`);
  return value;
};

/** Output as lines; the line feed at the end ends the last one. */
export const splitLines = (text: string): readonly string[] =>
  text === "" ? [] : (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
