import { runCommandLine } from "#cli/commandLine.ts";
import { COMMANDS } from "#cli/commands.ts";
import { systemClock } from "#main/clock.ts";
import { compose } from "#main/compose.ts";
import { watchSignals } from "#main/signals.ts";
import { processTerminal } from "#main/terminal.ts";

/** Runs the command line in this process, which then ends with its exit code. */
export const runProgram = async (argv: readonly string[]): Promise<void> => {
  process.once("uncaughtException", endWithFault);
  const interruption = watchSignals();
  const world = {
    terminal: processTerminal(),
    clock: systemClock,
    interrupted: interruption.signal,
    commands: COMMANDS,
    deps: compose(),
  };
  const code = await runCommandLine(world, argv);
  process.exitCode = interruption.exitCode(code);
  // Nothing of ours keeps the process open, and Node ends by itself. process.exit instead waits for V8's compiling threads
  // without collecting the garbage that one of them may be waiting for, and then neither goes on for ever (seen on Node
  // 24.21: a quarter of the runs that ended right after megabytes were inflated). It is left for what holds on to a handle.
  setTimeout(() => process.exit(), HANDLES_MS).unref();
};

// Longer than any clean end takes, and short enough for whoever waits.
const HANDLES_MS = 1000;

// Node's own exit code would be 1, which says "no"; a fault is no answer.
const endWithFault = (thrown: unknown): void => {
  const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  process.stderr.write(`error: INTERNAL ${stack}\nhint: Please report this.\n`);
  process.exit(70);
};
