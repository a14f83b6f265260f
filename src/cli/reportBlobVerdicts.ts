import type { BlobOutcome } from "#app/overBlobs.ts";
import { blobsExitCode } from "#app/verifyBlobs.ts";
import type { BlobVerdict } from "#app/verifyBlobs.ts";
import { errorAbout } from "#cli/errorAbout.ts";
import type { Io } from "#cli/io.ts";
import { printable } from "#cli/printable.ts";
import { blobLine, blobReportJson, blobSignerLines, paperRefusalLine } from "#cli/render/blobVerdicts.ts";
import { refusalHint } from "#cli/render/refusalHint.ts";
import { lackLines, provenLines } from "#cli/render/verdicts.ts";

export interface BlobVerdictManner {
  readonly output: "json" | "text" | "report" | "lines";
  /** cosign's words for "no": signatures or attestations. */
  readonly papers: "signatures" | "attestations";
  /** Lines on stdout for a verified file, for `json`. */
  readonly show: (verdict: BlobVerdict) => readonly string[];
  readonly print: (result: string) => Promise<void>;
}

// A file with many bad papers must not bury the answer.
const MAX_REASONS = 10;

/** Prints verdicts as cosign does (`Verified OK` on stderr) and returns the exit code. */
export const reportBlobVerdicts = async (
  io: Io,
  checked: readonly BlobOutcome<BlobVerdict>[],
  manner: BlobVerdictManner,
): Promise<number> => {
  if (manner.output === "report") await manner.print(`${JSON.stringify(blobReportJson(checked), null, 2)}\n`);
  for (const one of checked) {
    if (manner.output === "lines") await manner.print(`${printable(blobLine(one))}\n`);
    if (one.kind === "failed") io.fail(errorAbout(one.blob, one.error));
    else if (!one.value.ok) showNo(io, one.blob, one.value, manner);
    else {
      // Scripts look for cosign's words; of one file there is no need to say which.
      io.note(checked.length === 1 ? "Verified OK" : `Verified OK: ${printable(one.blob)}`);
      for (const line of blobSignerLines(one.value)) io.note(printable(line));
      for (const refusal of one.value.refusals) io.warn(printable(paperRefusalLine(refusal).trim()));
      if (manner.output === "json") for (const line of manner.show(one.value)) await manner.print(`${line}\n`);
    }
  }
  const proven = checked.flatMap((one) => (one.kind === "done" && one.value.ok ? one.value.proofs : []));
  for (const line of provenLines(proven)) io.note(printable(line));
  return blobsExitCode(checked);
};

const showNo = (io: Io, blob: string, verdict: BlobVerdict, { papers }: BlobVerdictManner): void => {
  io.refuse(`Error: no matching ${papers}: ${printable(blob)}`);
  for (const line of lackLines(verdict)) io.refuse(printable(line));
  for (const refusal of verdict.refusals.slice(0, MAX_REASONS)) io.refuse(printable(paperRefusalLine(refusal)));
  if (verdict.refusals.length > MAX_REASONS) io.refuse(`  and ${verdict.refusals.length - MAX_REASONS} more`);
  const hint = refusalHint(verdict.refusals);
  if (hint !== undefined) io.refuse(`hint: ${hint}`);
};
