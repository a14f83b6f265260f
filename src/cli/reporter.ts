import { describeEvent } from "#cli/describeEvent.ts";
import { openLiveLine } from "#cli/liveLine.ts";
import { openScreen } from "#cli/screen.ts";
import type { Screen } from "#cli/screen.ts";
import type { Terminal } from "#cli/terminal.ts";
import type { Clock } from "#core/clock.ts";
import type { Log, ProgressEvent } from "#core/ctx.ts";
import type { WaybillError } from "#core/errors.ts";

/** Everything that is told on stderr. */
export interface Reporter {
  readonly emit: (event: ProgressEvent) => void;
  readonly log: Log;
  readonly note: (line: string) => void;
  readonly announce: (line: string) => void;
  readonly warn: (line: string) => void;
  readonly refuse: (line: string) => void;
  readonly fail: (error: WaybillError) => void;
  /** Takes the changing line away, before something else is printed. */
  readonly clear: () => void;
}

export interface Manner {
  readonly progress: "auto" | "plain" | "json" | "none";
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** Lines for people, or with `--progress json` one JSON object a line. */
export const openReporter = (terminal: Terminal, clock: Clock, manner: Manner): Reporter =>
  manner.progress === "json"
    ? jsonReporter(terminal, manner)
    : textReporter(openScreen(terminal), terminal, clock, manner);

const textReporter = (screen: Screen, terminal: Terminal, clock: Clock, manner: Manner): Reporter => {
  const { paint } = screen;
  const warn = (text: string): void => {
    if (!manner.quiet) screen.line(paint("yellow", "warning: "), text);
  };
  return {
    emit: quieten(manner, chooseProgress(screen, terminal, clock, manner), warn),
    log: (level, message, fields = {}) => {
      const text = [message, ...Object.entries(fields).map(([name, value]) => `${name}=${value}`)].join(" ");
      if (level === "warn" || level === "error") warn(text);
      else if (manner.verbose) screen.line(paint("dim", `${level}: `), text);
    },
    note: (text) => {
      if (!manner.quiet) screen.line("", text);
    },
    announce: (text) => screen.line("", text),
    warn,
    refuse: (text) => screen.line("", text),
    fail: (error) => {
      screen.clear();
      screen.line(`${paint("red", "error:")} ${error.code} `, error.message);
      screen.line(`${paint("cyan", "hint:")} `, error.hint);
      if (manner.verbose) for (const cause of causes(error)) screen.line(`${paint("dim", "cause:")} `, cause);
    },
    clear: screen.clear,
  };
};

type Emit = (event: ProgressEvent) => void;

const chooseProgress = (screen: Screen, terminal: Terminal, clock: Clock, { progress }: Manner): Emit => {
  if (progress === "auto" && terminal.stderr.isTerminal) return openLiveLine(screen, clock);
  const plain = describeEvent();
  return (event) => {
    const text = plain(event);
    if (text !== undefined) screen.line("", text);
  };
};

/** Warnings are told even where progress is not. */
const quieten =
  (manner: Manner, progress: Emit, warn: (text: string) => void): Emit =>
  (event) => {
    if (event.kind === "warning") warn(event.message);
    else if (!manner.quiet && manner.progress !== "none") progress(event);
  };

const jsonReporter = ({ stderr }: Terminal, manner: Manner): Reporter => {
  const write = (value: object): void => void stderr.write(`${JSON.stringify(value)}\n`);
  const tell = (value: object): void => {
    if (!manner.quiet) write(value);
  };
  return {
    emit: tell,
    log: (level, message, fields = {}) => {
      if (manner.verbose || level === "warn" || level === "error") tell({ kind: "log", level, message, fields });
    },
    // A blank line is layout, and says nothing to a program.
    note: (message) => {
      if (message !== "") tell({ kind: "note", message });
    },
    announce: (message) => write({ kind: "note", message }),
    warn: (message) => tell({ kind: "warning", message }),
    refuse: (message) => write({ kind: "refusal", message }),
    fail: (error) => {
      const { code, message, hint, exitCode, details } = error;
      write({
        kind: "error",
        code,
        message,
        hint,
        exit: exitCode,
        details,
        ...(manner.verbose ? { causes: causes(error) } : {}),
      });
    },
    clear: () => undefined,
  };
};

// A chain of causes can be a circle; nobody reads more than a few.
const MAX_CAUSES = 8;

const causes = (error: WaybillError): readonly string[] => {
  const found: string[] = [];
  let cause: unknown = error.cause;
  while (cause !== undefined && cause !== null && found.length < MAX_CAUSES) {
    // Anything else may hold what must not be told.
    if (!(cause instanceof Error)) return [...found, typeof cause === "string" ? cause : `a thrown ${typeof cause}`];
    found.push(`${cause.name}: ${cause.message}`);
    cause = cause.cause;
  }
  // Only a fault of ours is worth its stack.
  if (error.code === "INTERNAL" && error.cause instanceof Error && error.cause.stack !== undefined) {
    found.push(
      ...error.cause.stack
        .split("\n")
        .slice(1, 1 + MAX_CAUSES)
        .map((line) => line.trim()),
    );
  }
  return found;
};
