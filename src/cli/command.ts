import type { Deps } from "#cli/deps.ts";
import type { FlagTable, FlagValues } from "#cli/flag.ts";
import type { Io } from "#cli/io.ts";
import type { Ctx } from "#core/ctx.ts";

/** Positional arguments: `{ name: "REF", many: true }` is shown as `REF...`. */
export interface Positional {
  readonly name: string;
  readonly many?: boolean;
  readonly optional?: boolean;
  /** Words that a shell offers. */
  readonly suggests?: readonly string[];
  /** `-` stands for the lines of stdin. */
  readonly fromStdin?: boolean;
}

/** A command line to try, and what it does. */
export type Example = readonly [line: string, meaning: string];

/** What a command gets when it runs. */
export interface Run<F extends FlagTable> {
  readonly io: Io;
  readonly ctx: Ctx;
  readonly deps: Deps;
  readonly args: readonly string[];
  readonly flags: FlagValues<F>;
}

/** A command: words in, one use case called, its value printed. */
export interface Command<F extends FlagTable = FlagTable> {
  readonly positionals: readonly Positional[];
  readonly flags: F;
  readonly examples: readonly [Example, ...Example[]];
  /** More than the summary says, for the help. */
  readonly description?: string;
  /** Default of `--timeout`; "0" for what runs until it is stopped. 3m where nothing is said. */
  readonly timeout?: string;
  /** When it is stopped it ends by itself, in a time of its own: it is not left behind. */
  readonly drains?: boolean;
  /** Takes settings from a waybill.yaml in the working directory where none is named. Never for what verifies. */
  readonly autoConfig?: boolean;
  /**
   * Resolves to the exit code: 0 for yes or done, 1 for a decided "no", or, over several inputs, the code of the first
   * that could not be decided. Throws for everything else.
   */
  readonly run: (run: Run<F>) => Promise<number>;
}

/** A command as the shell handles it: its flags' types are known only to itself. */
export type AnyCommand = Command;

/** Ties the types of the flags to those that `run` receives. */
export const defineCommand = <const F extends FlagTable>(command: Command<F>): AnyCommand =>
  // Sound: `run` is only ever called with the values that `readFlags` made from these same flags.
  command as unknown as AnyCommand;
