import { WaybillError } from "#core/errors.ts";
import { wordPattern } from "#app/dockerfileWords.ts";
import type { LogicalLine } from "#app/logicalLine.ts";

export interface DockerfileLines {
  readonly lines: readonly LogicalLine[];
  /** Character that continues a line and takes the meaning from the next one. */
  readonly escape: string;
  /** Image of the `# syntax=` directive. */
  readonly frontend: { readonly line: number; readonly image: string } | undefined;
}

interface SourceLine {
  readonly text: string;
  readonly start: number;
}

const DIRECTIVE = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/;
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
    lines: joinLines(source, escape),
    escape,
    frontend: syntax === undefined ? undefined : { line: syntax.line, image: syntax.value },
  };
};

/** Something wrong in a line, which `details.line` tells. */
export const invalidLine = (line: number, reason: string): WaybillError =>
  new WaybillError("INPUT_INVALID", reason, {
    hint: "Only what docker build would take can be judged; correct the file.",
    details: { line },
  });

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

const joinLines = (source: readonly SourceLine[], escape: string): readonly LogicalLine[] => {
  const lines: LogicalLine[] = [];
  for (let at = 0; at < source.length;) {
    const first = source[at]?.text ?? "";
    if (isBlank(first) || isComment(first)) {
      at++;
      continue;
    }
    const { line, next } = joinLine(source, at, escape);
    if (line.text.trim() !== "") lines.push(line);
    at = skipHeredocs(source, next, line, escape);
  }
  return lines;
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
  if (!trimmed.endsWith(escape) || trimmed.endsWith(escape + escape)) return undefined;
  return trimmed.slice(0, -1);
};

const WITH_HEREDOC = /^\s*(?:onbuild\s+)?(?:run|copy|add)(?:\s|$)/i;

/** The line behind the here-documents that an instruction begins; what is in them is no instruction. */
const skipHeredocs = (source: readonly SourceLine[], from: number, line: LogicalLine, escape: string): number => {
  if (!WITH_HEREDOC.test(line.text)) return from;
  let at = from;
  for (const { name, chomp } of heredocsOf(line.text, escape)) {
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

const heredocsOf = (text: string, escape: string): readonly { readonly name: string; readonly chomp: boolean }[] =>
  wordsOf(text, escape).flatMap((word) => {
    const [, chomp, rest = ""] = /^\d*<<(-?)([^<]*)$/s.exec(word) ?? [];
    const [name, ...more] = wordsOf(rest, escape).map((one) => one.replace(/["']/g, ""));
    return chomp === undefined || name === undefined || more.length > 0 ? [] : [{ name, chomp: chomp === "-" }];
  });

const wordsOf = (text: string, escape: string): readonly string[] => text.match(wordPattern(escape)) ?? [];
