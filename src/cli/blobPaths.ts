import { basename, resolve } from "node:path";
import { WaybillError } from "#core/errors.ts";

const PLACEHOLDER = /\{\/?\}/g;

/** The path of one file's paper: `{}` stands for the file as it was typed, `{/}` for its name without folders. */
export const paperPath = (template: string, blob: string): string =>
  template.replace(PLACEHOLDER, (found) => (found === "{}" ? blob : basename(blob)));

/** Refuses templates by which the papers of several files would be one file, and stdin where it has no name. */
export const checkTemplates = (
  blobs: readonly string[],
  templates: Readonly<Record<string, string | undefined>>,
): void => {
  if (blobs.filter((blob) => blob === "-").length > 1)
    throw new WaybillError("USAGE_INVALID", "- stands for stdin, which is there only once");
  for (const [name, template] of Object.entries(templates)) {
    if (template === undefined) continue;
    if (template === "-")
      throw new WaybillError("USAGE_INVALID", `--${name} -: papers have files of their own`, {
        hint: "Stdout is /dev/stdout, stdin /dev/stdin.",
      });
    const named = template.search(PLACEHOLDER) !== -1;
    if (named && blobs.includes("-"))
      throw new WaybillError("USAGE_INVALID", `--${name} ${template}: stdin has no name`);
    if (!named && blobs.length > 1)
      throw new WaybillError(
        "USAGE_INVALID",
        `--${name} ${template} would be the same file for ${blobs.length} files`,
        {
          hint: `Write --${name} '{}.sigstore.json' ({} is the file, {/} its name without folders), or give one file.`,
        },
      );
  }
};

/** Refuses to write two papers into one file, or a paper over a file that is signed. */
export const checkTargets = (blobs: readonly string[], targets: readonly string[]): void => {
  const taken = new Set(blobs.filter((blob) => blob !== "-").map((blob) => resolve(blob)));
  for (const target of targets) {
    if (taken.has(resolve(target)))
      throw new WaybillError("USAGE_INVALID", `${target} would be written over`, {
        hint: "Every file and every paper needs a path of its own; {} in a path keeps the folders, {/} does not.",
      });
    taken.add(resolve(target));
  }
};
