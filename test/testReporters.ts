import { join } from "node:path";

interface Reporting {
  readonly reporters?: string[];
  readonly outputFile?: { readonly json: string };
}

/** Besides the reporter for people, with `WAYBILL_TEST_RESULTS=DIR` also `DIR/<suite>.json`, from which `.ci/run` counts. */
export const testReporters = (suite: string): Reporting => {
  const folder = process.env["WAYBILL_TEST_RESULTS"] ?? "";
  if (folder === "") return {};
  return { reporters: ["default", "json"], outputFile: { json: join(folder, `${suite}.json`) } };
};
