import { required } from "#cli/paperFlags.ts";
import { WaybillError } from "#core/errors.ts";

/** The value of `--dir`, or of another flag, as a reference to the layout in it. */
export const layoutName = (dir: string | undefined, flag = "--dir"): string => {
  const path = required(dir, flag, `Give the directory of the layout, such as ${flag} ./saved.`);
  if (/[@\s]/.test(path))
    throw new WaybillError(
      "USAGE_INVALID",
      `${flag} ${JSON.stringify(path.slice(0, 300))}: a reference cannot name it`,
      {
        hint: "Use a directory without blanks and @ in its name.",
      },
    );
  // A colon after the last slash would be that of a tag.
  return `oci:${/:[^/]*$/.test(path) ? `${path}/.` : path}`;
};
