import type { CopyLine, CopyOutcome } from "#app/copyImages.ts";
import { errorAbout } from "#cli/errorAbout.ts";
import type { Io } from "#cli/io.ts";
import { printable } from "#cli/printable.ts";
import { copiedJson, copiedLines } from "#cli/render/copiedImage.ts";

/** Prints the digest reference of each copy (or JSON, a line each) on stdout, what was done and errors on stderr. */
export const writeCopies = async (
  io: Io,
  outcomes: readonly CopyOutcome[],
  manner: { readonly output: "text" | "json"; readonly dryRun: boolean },
): Promise<number> => {
  const codes: number[] = [];
  const [only, ...others] = outcomes;
  // Nothing was brought to its end: an archive that was to hold it stays as it is.
  if (only?.kind === "failed" && others.length === 0) throw errorAbout(nameOf(only.line), only.error);
  for (const one of outcomes) {
    const name = nameOf(one.line);
    if (one.kind === "failed") {
      io.fail(errorAbout(name, one.error));
      codes.push(one.error.exitCode);
      continue;
    }
    const { copied, line } = one;
    await io.print(
      `${manner.output === "json" ? JSON.stringify(copiedJson(line, copied)) : printable(copied.image)}\n`,
    );
    // Stderr may be all that a log keeps: of several images it says which one is meant.
    if (manner.output === "text" && outcomes.length > 1) io.note(name);
    if (manner.output === "text") for (const text of copiedLines(copied, manner.dryRun)) io.note(`  ${text}`);
    for (const { paper, subject, error } of copied.failed)
      io.fail(errorAbout(`${name}: ${paper} of ${subject}`, error));
    codes.push(...copied.failed.map(({ error }) => error.exitCode));
  }
  return codes[0] ?? 0;
};

const nameOf = ({ from, to }: CopyLine): string => `${from} to ${to}`;
