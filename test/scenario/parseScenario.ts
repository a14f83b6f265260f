/** A file that a scenario brings along. */
interface SceneFile {
  readonly path: string;
  readonly text: string;
}

/** What is expected of a step; `stdout` and `stderr` are patterns, a line each. */
export interface Expectation {
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  readonly exit: number;
  /** False where stdout ends without a line feed. */
  readonly endsWithNewline: boolean;
}

export type Step =
  | { readonly kind: "run"; readonly command: string; readonly expected: Expectation; readonly span: Span }
  | {
      readonly kind: "start";
      readonly name: string;
      readonly command: string;
      readonly expected: Expectation;
      readonly span: Span;
    }
  | {
      readonly kind: "stop";
      readonly name: string;
      readonly signal: NodeJS.Signals;
      readonly expected: Expectation;
      readonly span: Span;
    }
  | { readonly kind: "env"; readonly name: string; readonly value: string; readonly span: Span };

/** Lines of the file, from 0: the command, its continuation, and where what is expected of it ends. */
interface Span {
  readonly command: number;
  readonly body: number;
  readonly end: number;
}

export interface Scenario {
  /** Paths without which the scenario cannot run. */
  readonly needs: readonly string[];
  readonly steps: readonly Step[];
  readonly files: readonly SceneFile[];
}

/** What ends a step's expected output. */
const STARTS_SOMETHING = /^(?:\$ |& |# |#$|-- |env |stop |needs )/;
/** Output lines that would be read as something else are written with a backslash before them. */
export const NEEDS_ESCAPE = /^(?:\$ |& |# |#$|-- |env |stop |needs |> |stderr> |stderr>$|exit |\\|\.\.\.$)/;
export const NO_NEWLINE = "\\no newline at end";

/** Reads a scenario; throws a SyntaxError with file and line for what is none. See README.md in this folder. */
export const parseScenario = (name: string, text: string): Scenario => {
  const lines = text.split("\n");
  const filesFrom = lines.findIndex((line) => /^-- .+ --$/.test(line));
  const script = filesFrom === -1 ? lines : lines.slice(0, filesFrom);
  const needs: string[] = [];
  const steps: Step[] = [];
  for (let at = 0; at < script.length;) {
    const line = script[at] ?? "";
    const step = readStep(script, at);
    if (step !== undefined) steps.push(step);
    else if (line.startsWith("needs ")) needs.push(line.slice(6).trim());
    else if (line.trim() !== "" && !line.startsWith("#"))
      throw new SyntaxError(`${name}:${at + 1}: not understood: ${line}`);
    at = step?.span.end ?? at + 1;
  }
  if (steps.length === 0) throw new SyntaxError(`${name}: no steps`);
  return { needs, steps, files: readFiles(filesFrom === -1 ? [] : lines.slice(filesFrom)) };
};

const readStep = (script: readonly string[], at: number): Step | undefined => {
  const line = script[at] ?? "";
  const env = /^env (\w+)=(.*)$/.exec(line);
  if (env !== null)
    return { kind: "env", name: env[1] ?? "", value: env[2] ?? "", span: { command: at, body: at + 1, end: at + 1 } };
  const start = /^& (\w+): (.+)$/.exec(line);
  const stop = /^stop (\w+)(?: (SIG[A-Z]+))?$/.exec(line);
  if (!line.startsWith("$ ") && start === null && stop === null) return undefined;
  const body = endOf(script, at + 1, (next) => next.startsWith("> "));
  const end = endOf(script, body, (next) => !STARTS_SOMETHING.test(next));
  const span = { command: at, body, end };
  const expected = readExpectation(script.slice(body, end));
  const more = script.slice(at + 1, body).map((next) => `\n${next.slice(2)}`);
  if (stop !== null)
    return { kind: "stop", name: stop[1] ?? "", signal: (stop[2] ?? "SIGTERM") as NodeJS.Signals, expected, span };
  if (start !== null)
    return { kind: "start", name: start[1] ?? "", command: [start[2], ...more].join(""), expected, span };
  return { kind: "run", command: [line.slice(2), ...more].join(""), expected, span };
};

const endOf = (script: readonly string[], from: number, belongs: (line: string) => boolean): number => {
  let end = from;
  while (end < script.length && belongs(script[end] ?? "")) end++;
  return end;
};

const readExpectation = (lines: readonly string[]): Expectation => {
  const body = lines.slice(0, lines.findLastIndex((line) => line !== "") + 1);
  const exits = body.flatMap((line) => (/^exit \d+$/.test(line) ? [Number(line.slice(5))] : []));
  const stderr = body.filter((line) => /^stderr>(?: |$)/.test(line)).map((line) => line.slice(8));
  const stdout = body.filter((line) => !/^(?:stderr>(?: |$)|exit \d+$)/.test(line) && line !== NO_NEWLINE);
  return {
    // The blank line that sets `exit` and stderr apart from stdout is layout.
    stdout: stdout.slice(0, stdout.findLastIndex((line) => line !== "") + 1),
    stderr,
    exit: exits[0] ?? 0,
    endsWithNewline: !body.includes(NO_NEWLINE),
  };
};

const readFiles = (lines: readonly string[]): readonly SceneFile[] => {
  const files: { path: string; lines: string[] }[] = [];
  for (const line of lines) {
    const path = /^-- (.+) --$/.exec(line)?.[1];
    if (path !== undefined) files.push({ path, lines: [] });
    else files.at(-1)?.lines.push(line);
  }
  return files.map((file) => ({ path: file.path, text: file.lines.join("\n") }));
};
