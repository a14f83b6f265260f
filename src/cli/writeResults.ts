import { failureOf } from "#app/paperPlan.ts";
import type { CarriedOut } from "#app/paperPlan.ts";
import type { Io } from "#cli/io.ts";
import { printable } from "#cli/printable.ts";
import { carriedExitCode, carriedJson, carriedLines } from "#cli/render/carriedOut.ts";

export interface ResultManner {
  readonly output: "text" | "json";
  readonly dryRun: boolean;
}

/** Prints what was written: digest references (or JSON, one line per image) on stdout, the papers and errors on stderr. */
export const writeResults = async (io: Io, all: readonly CarriedOut[], manner: ResultManner): Promise<number> => {
  for (const one of all) {
    for (const image of one.kind === "done" ? one.images : []) {
      if (manner.output === "json") await io.print(`${JSON.stringify(carriedJson(image))}\n`);
      else await io.print(`${printable(image.image)}\n`);
      for (const line of carriedLines(image, manner.dryRun)) io.note(`  ${printable(line)}`);
    }
    const error = failureOf(one);
    if (error === undefined) continue;
    io.refuse(`error: ${error.code} ${printable(one.reference)}: ${printable(error.message)}`);
    io.refuse(`hint: ${printable(error.hint)}`);
  }
  return carriedExitCode(all);
};
