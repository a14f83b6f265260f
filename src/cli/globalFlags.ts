import { flag } from "#cli/flag.ts";
import type { FlagValues } from "#cli/flag.ts";

/** Flags that every command has; `timeout` is the command's own default, a Go duration. */
export const globalFlags = (timeout: string) =>
  flag.grouped("Global", {
    timeout: flag.duration({
      short: "t",
      value: "DURATION",
      default: timeout,
      summary: "give up after this long, e.g. 90s; 0: never",
    }),
    progress: flag.choice(["auto", "plain", "json", "none"], {
      default: "auto",
      summary: "how progress is shown on stderr",
    }),
    quiet: flag.toggle({ short: "q", default: false, summary: "only results, refusals and errors" }),
    verbose: flag.toggle({ short: "d", default: false, summary: "also say what is done and what caused an error" }),
  });

export type GlobalValues = FlagValues<ReturnType<typeof globalFlags>>;
