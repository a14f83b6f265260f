import type { Flag } from "#cli/flag.ts";
import { verifyFlags } from "#cli/verifyFlags.ts";
import { WaybillError } from "#core/errors.ts";

/** How the answers are printed, or the file that `--pinned` names, too. */
export type PlaceOutput = ReturnType<typeof verifyFlags.output.read> | { readonly file: string };

const { read, ...face } = verifyFlags.output;

/** `-o`: a format as `verify` has it, or a file for the text with digests: only a path, with a `/` or a `.`, is no slip of a word. */
export const placeOutput: Flag<PlaceOutput> = {
  ...face,
  value: `${face.value ?? ""}|FILE`,
  summary: `${face.summary}; a FILE, with a / or a . in its path: the same as --pinned`,
  read: (raw, where) => (typeof raw === "string" && /[./]/.test(raw) ? { file: raw } : read(raw, where)),
};

interface Wanted {
  readonly format: Exclude<PlaceOutput, object>;
  /** Where the text with digests goes; - is stdout. */
  readonly file: string | undefined;
}

/** What `-o` and `--pinned` ask for together. USAGE_INVALID where both name a file. */
export const readPlaceOutput = (flags: {
  readonly output: PlaceOutput;
  readonly pinned: string | undefined;
}): Wanted => {
  const { output, pinned } = flags;
  if (typeof output !== "object") return { format: output, file: pinned };
  if (pinned === undefined) return { format: "json", file: output.file };
  throw new WaybillError("USAGE_INVALID", `--output ${output.file} and --pinned ${pinned} are two files for one text`, {
    hint: "Give one of them.",
  });
};
