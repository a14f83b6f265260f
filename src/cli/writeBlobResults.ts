import type { BlobOutcome } from "#app/overBlobs.ts";
import { errorAbout } from "#cli/errorAbout.ts";
import type { Io } from "#cli/io.ts";
import type { Result } from "#cli/openResult.ts";
import { printable } from "#cli/printable.ts";

export interface BlobManner<T> {
  readonly result: Result;
  /** A file's result on stdout; empty for none. */
  readonly show: (value: T) => Uint8Array;
  readonly note: (blob: string, value: T) => void;
}

/** Prints what came of each file, in order, errors on stderr; the exit code is the first failure's. */
export const writeBlobResults = async <T>(
  io: Io,
  outcomes: readonly BlobOutcome<T>[],
  manner: BlobManner<T>,
): Promise<number> => {
  for (const one of outcomes) {
    if (one.kind === "failed") {
      io.fail(errorAbout(one.blob, one.error));
      continue;
    }
    io.note(`Using payload from: ${printable(one.blob)}`);
    manner.note(one.blob, one.value);
    await manner.result.print(manner.show(one.value));
  }
  await manner.result.close();
  const failed = outcomes.find((one) => one.kind === "failed");
  return failed?.kind === "failed" ? failed.error.exitCode : 0;
};

/** Says which files were written, in cosign's words: `Wrote bundle to file X`. */
export const noteTargets = (io: Io, targets: Readonly<Record<string, string | undefined>>): void => {
  for (const [what, path] of Object.entries(targets))
    if (path !== undefined) io.note(`Wrote ${what} to file ${printable(path)}`);
};
