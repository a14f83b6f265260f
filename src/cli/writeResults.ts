import { failureOf } from "#app/paperPlan.ts";
import type { CarriedImage, CarriedOut } from "#app/paperPlan.ts";
import { errorAbout } from "#cli/errorAbout.ts";
import type { Io } from "#cli/io.ts";
import { printable } from "#cli/printable.ts";
import { carriedExitCode, carriedJson, carriedLines } from "#cli/render/carriedOut.ts";

export interface ResultManner {
  readonly output: "text" | "json";
  readonly dryRun: boolean;
}

/** Prints what was written: digest references (or JSON, one line per image) on stdout, the papers and errors on stderr. */
export const writeResults = async (io: Io, all: readonly CarriedOut[], manner: ResultManner): Promise<number> => {
  const images = all.flatMap((one) => (one.kind === "done" ? one.images : []));
  for (const image of images) {
    await io.print(`${manner.output === "json" ? JSON.stringify(carriedJson(image)) : printable(image.image)}\n`);
    if (manner.output === "text") notePapers(io, image, manner.dryRun, images.length > 1);
  }
  for (const one of all) {
    const error = failureOf(one);
    if (error !== undefined) io.fail(errorAbout(one.reference, error));
  }
  return carriedExitCode(all);
};

/** Stderr may be all that a log keeps: of several images it says which one the papers are of. */
const notePapers = (io: Io, image: CarriedImage, dryRun: boolean, named: boolean): void => {
  if (named) io.note(`papers of ${image.digest}`);
  for (const line of carriedLines(image, dryRun)) io.note(`  ${line}`);
};
