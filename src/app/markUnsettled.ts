import type { UnsettledTag } from "#core/mergeTag.ts";
import type { WriteReport } from "#app/writePapers.ts";

/** What was written into a tag that could not be looked at again is not known to be there: it counts as failed. */
export const markUnsettled = (report: WriteReport, unsettled: readonly UnsettledTag[]): WriteReport => {
  const own = unsettled.filter(({ repository, tag }) =>
    report.merges.some((merge) => merge.repository === repository && merge.tag === tag),
  );
  return own.reduce(markLost, report);
};

const markLost = (report: WriteReport, { tag, error }: UnsettledTag): WriteReport => {
  // Bundles are written by digest; the fallback tag that lists them stands in no record.
  const isFallback = !report.written.some((one) => one.tag === tag);
  const lost = report.written.filter((one) => (isFallback ? one.form !== "legacy" : one.tag === tag));
  const written = report.written.filter((one) => !lost.includes(one));
  return { ...report, written, failed: [...report.failed, ...lost.map((one) => ({ ...one, error }))] };
};
