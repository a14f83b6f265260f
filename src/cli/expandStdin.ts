import type { Positional } from "#cli/command.ts";
import { WaybillError } from "#core/errors.ts";
import { readAll } from "#core/verifiedBytes.ts";

// A hundred thousand references of ordinary length.
const MAX_BYTES = 16 * 1024 * 1024;

/** Arguments with `-` replaced by the lines of stdin, where the command takes them so; empty lines are left out. */
export const expandStdin = async (
  positionals: readonly Positional[],
  args: readonly string[],
  readStdin: () => AsyncIterable<Uint8Array>,
): Promise<readonly string[]> => {
  const takes = (index: number): boolean =>
    (positionals[Math.min(index, positionals.length - 1)] as Positional | undefined)?.fromStdin === true;
  const at = args.findIndex((arg, index) => arg === "-" && takes(index));
  if (at === -1) return args;
  const text = (await readAll(readStdin(), MAX_BYTES, "stdin")).toString("utf8");
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  if (lines.length === 0)
    throw new WaybillError("USAGE_INVALID", "- stands for the lines of stdin, but stdin is empty");
  return args.toSpliced(at, 1, ...lines);
};
