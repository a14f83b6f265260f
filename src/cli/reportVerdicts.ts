import type { Storage } from "#app/storage.ts";
import { exitCodeOf } from "#app/verifyImages.ts";
import type { CheckedImage, ImageVerdict } from "#app/verifyImages.ts";
import { errorAbout } from "#cli/errorAbout.ts";
import type { Io } from "#cli/io.ts";
import { printable } from "#cli/printable.ts";
import { refusalHint } from "#cli/render/refusalHint.ts";
import {
  checksOf,
  lackLines,
  refusalLine,
  reportJson,
  signerLines,
  supersededLines,
  verdictLine,
} from "#cli/render/verdicts.ts";

export interface VerdictManner {
  /** `none`: results are printed elsewhere, and only what else is to be said here. */
  readonly output: "json" | "text" | "report" | "lines" | "none";
  readonly annotations: boolean;
  readonly checkClaims: boolean;
  /** Where was looked. */
  readonly storage: Storage;
  /** cosign's words for "no": signatures or attestations. */
  readonly papers: "signatures" | "attestations";
  /** Lines on stdout for a verified image, for `json` and `text`. */
  readonly show: (verdict: ImageVerdict, output: "json" | "text") => readonly string[];
}

// A tag with a thousand bad papers must not bury the answer.
const MAX_REASONS = 10;

/** Prints verdicts as cosign does and returns the exit code. */
export const reportVerdicts = async (
  io: Io,
  checked: readonly CheckedImage[],
  manner: VerdictManner,
): Promise<number> => {
  if (manner.output === "report") await io.print(`${JSON.stringify(reportJson(checked), null, 2)}\n`);
  for (const one of checked) {
    if (manner.output === "lines") await io.print(`${printable(verdictLine(one))}\n`);
    if (one.kind === "undecided") io.fail(errorAbout(one.reference, one.error));
    else if (one.verdict.ok) await showYes(io, one.verdict, manner);
    else showNo(io, one.verdict, manner);
  }
  return exitCodeOf(checked);
};

const showYes = async (io: Io, verdict: ImageVerdict, manner: VerdictManner): Promise<void> => {
  for (const line of [...checksOf(verdict, manner), ...signerLines(verdict), ...supersededLines(verdict)])
    io.note(printable(line));
  if (manner.output !== "json" && manner.output !== "text") return;
  for (const line of manner.show(verdict, manner.output)) await io.print(`${line}\n`);
};

const showNo = (io: Io, verdict: ImageVerdict, { papers, storage }: VerdictManner): void => {
  io.refuse(`Error: no matching ${papers}: ${printable(verdict.reference)}`);
  for (const line of lackLines(verdict)) io.refuse(printable(line));
  for (const refusal of verdict.refusals.slice(0, MAX_REASONS)) io.refuse(printable(refusalLine(refusal)));
  if (verdict.refusals.length > MAX_REASONS) io.refuse(`  and ${verdict.refusals.length - MAX_REASONS} more`);
  const hint = refusalHint(verdict.refusals);
  if (hint !== undefined) io.refuse(`hint: ${hint}`);
  if (verdict.refusals.length + verdict.others.length === 0)
    io.refuse(`  no ${papers} are stored with ${verdict.digest}${storage === "both" ? "" : ` in ${storage} form`}`);
};
