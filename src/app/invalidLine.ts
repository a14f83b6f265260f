import { WaybillError } from "#core/errors.ts";

/** Something wrong in a line, which `details.line` tells. */
export const invalidLine = (line: number, reason: string): WaybillError =>
  new WaybillError("INPUT_INVALID", reason, {
    hint: "Only what docker build would take can be judged; correct the file.",
    details: { line },
  });
