import { chooseCommand } from "#cli/chooseCommand.ts";
import type { AnyCommand } from "#cli/command.ts";
import type { CommandEntry } from "#cli/commands.ts";
import type { Deps } from "#cli/deps.ts";
import { expandStdin } from "#cli/expandStdin.ts";
import type { RawFlag } from "#cli/flag.ts";
import { flagsOf, globalFlags } from "#cli/globalFlags.ts";
import type { GlobalValues } from "#cli/globalFlags.ts";
import { heedSignal } from "#cli/heedSignal.ts";
import type { Io } from "#cli/io.ts";
import { overview } from "#cli/overview.ts";
import { paintFor } from "#cli/paint.ts";
import { parseArguments } from "#cli/parseArguments.ts";
import { flagName, readFlags } from "#cli/readFlags.ts";
import type { FlagSources } from "#cli/readFlags.ts";
import { openReporter } from "#cli/reporter.ts";
import type { Reporter } from "#cli/reporter.ts";
import { readSettings } from "#cli/settings.ts";
import type { Terminal } from "#cli/terminal.ts";
import { withDeadline } from "#cli/withDeadline.ts";
import { withSavedArchives } from "#cli/withSavedArchives.ts";
import type { Clock } from "#core/clock.ts";
import { asWaybillError } from "#core/errors.ts";

/** What a command line runs in. */
export interface World {
  readonly terminal: Terminal;
  readonly clock: Clock;
  /** Aborts with an ABORTED error when the user or the system wants the program to stop. */
  readonly interrupted: AbortSignal;
  readonly commands: readonly CommandEntry[];
  readonly deps: Deps;
}

/** Runs one command line; resolves to the exit code and never rejects: failures are told on stderr. */
export const runCommandLine = async (world: World, argv: readonly string[]): Promise<number> => {
  let reporter = openReporter(world.terminal, world.clock, { progress: "none", quiet: false, verbose: false });
  try {
    const choice = chooseCommand({ commands: world.commands, globals: globalFlags() }, argv);
    if (choice.kind === "version") return await show(world, `waybill ${world.deps.program.version}\n`);
    if (choice.kind === "completion") return await complete(world, choice.words);
    if (choice.kind === "overview") return await show(world, overview(world.commands, choice.group));
    const { command } = await choice.entry.load();
    const grammar = {
      ...choice.entry,
      command,
      flags: flagsOf(command),
      columns: helpWidth(world),
      warn: reporter.warn,
    };
    const parsed = parseArguments(grammar, choice.argv);
    if (parsed.kind === "help") return await show(world, parsed.text);
    const sources = await readSources(world, reporter, { name: choice.entry.name, command }, parsed.written);
    const manner = readFlags(globalFlags(command.timeout), sources);
    reporter = openReporter(world.terminal, world.clock, manner);
    return await execute(world, reporter, manner, command, { args: parsed.args, sources });
  } catch (thrown) {
    const error = asWaybillError(thrown);
    reporter.fail(error);
    return error.exitCode;
  } finally {
    reporter.clear();
  }
};

const readSources = async (
  { commands, deps, interrupted, clock, terminal }: World,
  { log, emit }: Reporter,
  chosen: { readonly name: string; readonly command: AnyCommand },
  written: Readonly<Record<string, RawFlag>>,
): Promise<FlagSources> => {
  const sources = { written, env: terminal.env };
  const ctx = { signal: interrupted, log, emit, clock };
  return { ...sources, file: (await readSettings({ commands, deps, ctx }, chosen, sources)).values };
};

const execute = async (
  world: World,
  reporter: Reporter,
  manner: GlobalValues,
  command: AnyCommand,
  words: { readonly args: readonly string[]; readonly sources: FlagSources },
): Promise<number> => {
  const flags = readFlags(command.flags, words.sources);
  for (const [property, one] of Object.entries(command.flags)) {
    if (one.ignored === true && words.sources.written[property] !== undefined) {
      reporter.warn(`--${flagName(property)} has no effect here: ${one.summary}`);
    }
  }
  const { clock } = world;
  return withDeadline(
    { clock, interrupted: world.interrupted, timeoutMs: manner.timeout, drains: command.drains ?? false },
    async (signal) => {
      const io = openIo(world.terminal, reporter, signal, manner);
      const ctx = { signal, log: reporter.log, emit: reporter.emit, clock };
      const args = await expandStdin(command.positionals, words.args, io.readStdin);
      return withSavedArchives(world.deps, ctx, (deps) => command.run({ io, ctx, deps, args, flags }));
    },
  );
};

const openIo = (
  terminal: Terminal,
  reporter: Reporter,
  signal: AbortSignal,
  { verbose, quiet }: Pick<GlobalValues, "verbose" | "quiet">,
): Io => ({
  print: (result) => {
    reporter.clear();
    return terminal.stdout.write(result);
  },
  note: reporter.note,
  announce: reporter.announce,
  warn: reporter.warn,
  refuse: reporter.refuse,
  fail: reporter.fail,
  readStdin: () => heedSignal(terminal.readStdin(), signal),
  paint: paintFor(terminal.stdout, terminal.env),
  logFrom: verbose ? "debug" : quiet ? "warn" : "info",
  env: terminal.env,
});

const show = async (world: World, text: string): Promise<number> => {
  await world.terminal.stdout.write(text);
  return 0;
};

const complete = async (world: World, words: readonly string[]): Promise<number> => {
  const { completeWords, writeCompletion } = await import("#cli/completeWords.ts");
  return show(world, writeCompletion(await completeWords(world.commands, words)));
};

// Help in a file or a pipe is as wide as in the documentation; lines over 120 characters are hard to read anywhere.
const helpWidth = ({ terminal }: World): number =>
  terminal.stdout.isTerminal ? Math.min(terminal.stdout.columns(), 120) : 100;
