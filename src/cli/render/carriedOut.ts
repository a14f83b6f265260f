import { failureOf } from "#app/paperPlan.ts";
import type { CarriedImage, CarriedOut } from "#app/paperPlan.ts";
import type { FailedPaper, PaperRecord } from "#app/writePapers.ts";
import { paperName } from "#cli/render/paperName.ts";

/** The JSON contract of `sign`, `attest` and `issue`: one object per image. */
export const carriedJson = (image: CarriedImage): object => ({
  image: image.image,
  digest: image.digest,
  written: image.report.written.map(recordJson),
  skipped: image.report.skipped.map(recordJson),
  ...(image.superseded === undefined ? {} : { removed: image.superseded.removed.map(recordJson) }),
  failed: image.report.failed.map((one: FailedPaper) => ({
    ...recordJson(one),
    code: one.error.code,
    message: one.error.message,
  })),
});

const recordJson = ({ form, kind, predicateType, manifest, tag }: PaperRecord): object => ({
  form,
  kind,
  predicateType,
  ...(manifest === undefined ? {} : { digest: manifest }),
  ...(tag === undefined ? {} : { tag }),
});

/** A line for people about each paper, and whether it is new. Why one failed stands once, in the error that follows. */
export const carriedLines = ({ report, superseded }: CarriedImage, dryRun: boolean): readonly string[] => [
  ...report.written.map((one) => `${dryRun ? "would write" : "wrote"} ${describe(one)}`),
  ...report.skipped.map((one) => `already there: ${describe(one)}`),
  ...(superseded?.removed ?? []).map((one) => `${dryRun ? "would remove" : "removed"} older ${describe(one)}`),
  ...report.failed.map((one) => `could not write ${describe(one)}: ${one.error.code}`),
];

const describe = ({ form, predicateType, manifest, tag }: PaperRecord): string => {
  const where = tag ?? manifest;
  return `${paperName(predicateType)} (${form}${where === undefined ? "" : `, ${where}`})`;
};

/** The exit code of a batch: that of the first failure. */
export const carriedExitCode = (all: readonly CarriedOut[]): number =>
  all.map(failureOf).find((error) => error !== undefined)?.exitCode ?? 0;
