import type { AnyCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import type { FlagTable, FlagValues } from "#cli/flag.ts";

/** Where settings are read from; also a flag of `config explain` itself, which has to know. */
export const configFlag = flag.text({
  group: "Global",
  value: "FILE",
  summary: "settings file, YAML; none: not even one that would be found",
});

/** Flags that every command has; `timeout` is the command's own default, a Go duration. */
export const globalFlags = (timeout = "3m") =>
  flag.grouped("Global", {
    timeout: flag.duration({
      short: "t",
      value: "DURATION",
      default: timeout,
      summary: "give up after this long, e.g. 90s; 0: never",
    }),
    config: configFlag,
    progress: flag.choice(["auto", "plain", "json", "none"], {
      default: "auto",
      summary: "how progress is shown on stderr",
    }),
    quiet: flag.toggle({ short: "q", default: false, summary: "only results, refusals and errors" }),
    verbose: flag.toggle({ short: "d", default: false, summary: "also say what is done and what caused an error" }),
  });

export type GlobalValues = FlagValues<ReturnType<typeof globalFlags>>;

/** Every flag that may stand after a command: its own and the global ones. */
export const flagsOf = (command: AnyCommand): FlagTable => ({ ...command.flags, ...globalFlags(command.timeout) });
