import { heredocsOf } from "#app/heredocsOf.ts";
import { invalidLine } from "#app/invalidLine.ts";
import type { LogicalLine } from "#app/logicalLine.ts";

export interface DockerfileLines {
  readonly lines: readonly LogicalLine[];
  /** Character that continues a line and takes the meaning from the next one. */
  readonly escape: string;
  /** Image of the `# syntax=` directive. */
  readonly frontend: { readonly line: number; readonly image: string } | undefined;
  /** Frontends before 1.4 divide it in another way: here-documents, or a doubled escape character at a line's end. */
  readonly isModern: boolean;
}

interface SourceLine {
  readonly text: string;
  readonly start: number;
}

const DIRECTIVE = /^#[\t\n\f\r ]*([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=[\t\n\f\r ]*(.+?)[\t\n\f\r ]*$/s;
// What versions and parts of BuildKit take for one, and others do not: blanks before it, or blanks of Unicode.
const NEAR_DIRECTIVE = /^[\s\u0085]*#[\s\u0085]*(syntax|escape|check)[\s\u0085]*=/i;
// BuildKit looks for the frontend behind it; for every other directive it is a comment.
const SHEBANG = /^#!/;
const DIRECTIVES: readonly string[] = ["syntax", "escape", "check"];

/**
 * Divides a Dockerfile into its instructions as BuildKit does (docs.docker.com/reference/dockerfile, "Format"): directives at
 * the top, comments left out within continued lines, here-documents passed over. INPUT_INVALID with the line.
 */
export const readDockerfileLines = (text: string): DockerfileLines => {
  const source = splitLines(text);
  const directives = readDirectives(source);
  const escape = directives.get("escape")?.value ?? "\\";
  if (escape !== "\\" && escape !== "`") throw invalidLine(directives.get("escape")?.line ?? 1, "escape is \\ or `");
  const syntax = readDirectives(source, SHEBANG.test(source[0]?.text ?? "") ? 1 : 0).get("syntax");
  return {
    ...joinLines(source, escape),
    escape,
    frontend: syntax === undefined ? undefined : { line: syntax.line, image: syntax.value },
  };
};

const splitLines = (text: string): readonly SourceLine[] => {
  const lines: SourceLine[] = [];
  for (let start = text.startsWith("\uFEFF") ? 1 : 0; start <= text.length;) {
    const found = text.indexOf("\n", start);
    const end = found === -1 ? text.length : found;
    lines.push({ text: text.slice(start, end).replace(/\r+$/, ""), start });
    start = end + 1;
  }
  return lines;
};

interface Directive {
  readonly value: string;
  readonly line: number;
}

const readDirectives = (source: readonly SourceLine[], from = 0): ReadonlyMap<string, Directive> => {
  const directives = new Map<string, Directive>();
  for (let at = from; at < source.length; at++) {
    const text = source[at]?.text ?? "";
    const [, name = "", value = ""] = DIRECTIVE.exec(text) ?? [];
    if (name === "" && NEAR_DIRECTIVE.test(text)) throw invalidLine(at + 1, "not every builder reads this directive");
    const known = name.toLowerCase();
    if (!DIRECTIVES.includes(known)) break;
    if (directives.has(known)) throw invalidLine(at + 1, `the directive ${known} stands there twice`);
    directives.set(known, { value, line: at + 1 });
  }
  return directives;
};

const BLANKS = /^[\t\v\f\r ]+/;
const isBlank = (text: string): boolean => text.replace(BLANKS, "") === "";
const isComment = (text: string): boolean => text.replace(BLANKS, "").startsWith("#");

const joinLines = (source: readonly SourceLine[], escape: string): Pick<DockerfileLines, "lines" | "isModern"> => {
  const lines: LogicalLine[] = [];
  let isModern = false;
  for (let at = 0; at < source.length;) {
    const first = source[at]?.text ?? "";
    if (isBlank(first) || isComment(first)) {
      at++;
      continue;
    }
    const { line, next } = joinLine(source, at, escape);
    if (line.text.trim() !== "") lines.push(line);
    at = skipHeredocs(source, next, line, escape);
    isModern ||= at > next || endsDoubled(line.text, escape);
  }
  return { lines, isModern };
};

const joinLine = (
  source: readonly SourceLine[],
  from: number,
  escape: string,
): { readonly line: LogicalLine; readonly next: number } => {
  const parts: string[] = [];
  const offsets: number[] = [];
  let at = from;
  for (; at < source.length; at++) {
    const { text, start } = source[at] ?? { text: "", start: 0 };
    // Comments and empty lines within a continued line do not end it.
    if (at > from && (isBlank(text) || isComment(text))) continue;
    // Go's blanks are those of Unicode: such a line can be empty or a comment to a builder.
    if (/^[\s\u0085]/.test(text.replace(BLANKS, ""))) throw invalidLine(at + 1, "the line begins with an odd blank");
    const kept = withoutContinuation(text, escape);
    parts.push(kept ?? text);
    for (let one = 0; one < (kept ?? text).length; one++) offsets.push(start + one);
    if (kept === undefined) break;
  }
  return { line: { line: from + 1, text: parts.join(""), offsets }, next: at + 1 };
};

/** The line without the escape character that continues it; undefined where it is not continued. A doubled one does not. */
const withoutContinuation = (text: string, escape: string): string | undefined => {
  const trimmed = text.replace(/[\t ]+$/, "");
  return trimmed.endsWith(escape) && !endsDoubled(trimmed, escape) ? trimmed.slice(0, -1) : undefined;
};

const endsDoubled = (text: string, escape: string): boolean => text.replace(/[\t ]+$/, "").endsWith(escape + escape);

/** The line behind the here-documents that an instruction begins; what is in them is no instruction. */
const skipHeredocs = (source: readonly SourceLine[], from: number, line: LogicalLine, escape: string): number => {
  let at = from;
  for (const { name, chomp } of heredocsOf(line, escape)) {
    const end = findEnd(source, at, (text) => (chomp ? text.replace(/^\t+/, "") : text) === name);
    if (end === undefined)
      throw invalidLine(line.line, `the here-document ${JSON.stringify(name.slice(0, 40))} has no end`);
    at = end + 1;
  }
  return at;
};

const findEnd = (source: readonly SourceLine[], from: number, isEnd: (text: string) => boolean): number | undefined => {
  for (let at = from; at < source.length; at++) if (isEnd(source[at]?.text ?? "")) return at;
  return undefined;
};
