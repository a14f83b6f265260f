import type { DownloadReport } from "#app/downloadedPapers.ts";
import { WaybillError } from "#core/errors.ts";
import type { Io } from "#cli/io.ts";
import { printable } from "#cli/printable.ts";

export interface DownloadManner {
  readonly reference: string;
  /** What was looked for, as in "no ... are stored". */
  readonly papers: string;
  /** Command that prints only what a key signed. */
  readonly verify: string;
  /** Which flag gives the papers that were left. */
  readonly leftHint: string;
}

// A tag with a thousand bad papers must not bury the rest.
const MAX_NAMED = 5;

/**
 * Says on stderr what was left out and that nothing was verified; throws what kept papers from being read, or NOT_FOUND
 * where there was none.
 */
export const reportDownload = (io: Io, report: DownloadReport, manner: DownloadManner): void => {
  const { count, left, foreign, unreadable, failures } = report;
  for (const { found, reason } of unreadable.slice(0, MAX_NAMED))
    io.warn(`left out: the ${found.form} paper in ${found.manifest} cannot be read: ${printable(reason)}`);
  if (unreadable.length > MAX_NAMED) io.warn(`left out: ${unreadable.length - MAX_NAMED} more that cannot be read`);
  if (foreign > 0) io.warn(`${foreign} of them ${foreign === 1 ? "names" : "name"} another image`);
  if (left > 0) io.note(`${left} more in the other form: ${manner.leftHint}`);
  const [failure] = failures;
  if (failure !== undefined) {
    throw new WaybillError(failure.code, `not all papers could be read: ${failure.message}`, {
      cause: failure,
      hint: failure.hint,
    });
  }
  if (count > 0) return io.warn(`nothing of this was verified; ${manner.verify} prints what a key signed`);
  throw new WaybillError("NOT_FOUND", `${manner.reference}: no ${manner.papers} are stored`, {
    hint: left > 0 ? manner.leftHint : "waybill tree shows everything that hangs on an image.",
  });
};
