import type { Paint } from "#cli/paint.ts";
import type { LogLevel } from "#core/ctx.ts";
import type { WaybillError } from "#core/errors.ts";

/** What a command prints with, and reads stdin with. Results go to stdout, everything else to stderr. */
export interface Io {
  /** A result, exactly as given (add the line feed). Text of unknown origin goes through `printable` first, or is JSON. */
  readonly print: (result: string | Uint8Array) => Promise<void>;
  /** For people, on stderr; `--quiet` leaves it out. */
  readonly note: (line: string) => void;
  /** What is said once and never again; on stderr even with `--quiet`. */
  readonly announce: (line: string) => void;
  /** `warning: ...` on stderr; `--quiet` leaves it out. */
  readonly warn: (line: string) => void;
  /** Why the answer is no; on stderr even with `--quiet`. */
  readonly refuse: (line: string) => void;
  /** Why nobody can tell, or what could not be done, for one of several inputs; `error:` and `hint:` on stderr. */
  readonly fail: (error: WaybillError) => void;
  /** Ends with the signal's reason when the run is aborted. */
  readonly readStdin: () => AsyncIterable<Uint8Array>;
  /** Styles for what `print` prints. */
  readonly paint: Paint;
  /** The least that whoever writes a log of his own tells in it: `--verbose` everything, `--quiet` what is wrong. */
  readonly logFrom: LogLevel;
  /** Variables that have a meaning besides flags. */
  readonly env: Readonly<Record<string, string | undefined>>;
}
