import { required } from "#cli/paperFlags.ts";
import { WaybillError } from "#core/errors.ts";

/** The value of `--dir` as a reference to the layout in it. */
export const layoutName = (dir: string | undefined): string => {
  const path = required(dir, "--dir", "Give the directory of the layout, such as --dir ./saved.");
  if (/[@\s]/.test(path))
    throw new WaybillError("USAGE_INVALID", `--dir ${JSON.stringify(path.slice(0, 300))}: a reference cannot name it`, {
      hint: "Use a directory without blanks and @ in its name.",
    });
  // A colon after the last slash would be that of a tag.
  return `oci:${/:[^/]*$/.test(path) ? `${path}/.` : path}`;
};
