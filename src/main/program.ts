import { runCommandLine } from "#cli/commandLine.ts";
import { COMMANDS } from "#cli/commands.ts";
import { systemClock } from "#main/clock.ts";
import { compose } from "#main/compose.ts";
import { watchSignals } from "#main/signals.ts";
import { processTerminal } from "#main/terminal.ts";

/** Runs the command line in this process and ends the process with its exit code. */
export const runProgram = async (argv: readonly string[]): Promise<never> => {
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
  // Connections kept alive and listening sockets would hold the process open.
  process.exit(interruption.exitCode(code));
};

// Node's own exit code would be 1, which says "no"; a fault is no answer.
const endWithFault = (thrown: unknown): void => {
  const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  process.stderr.write(`error: INTERNAL ${stack}\nhint: Please report this.\n`);
  process.exit(70);
};
