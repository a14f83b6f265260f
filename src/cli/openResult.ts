import type { Run } from "#cli/command.ts";
import type { FlagTable } from "#cli/flag.ts";

/** Where a command's result goes: stdout, or a file that is there whole once it is closed. */
export interface Result {
  readonly print: (result: string | Uint8Array) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** cosign's `--output-file`: what would go to stdout goes there. */
export const openResult = (
  { io, ctx, deps }: Pick<Run<FlagTable>, "io" | "ctx" | "deps">,
  outputFile: string | undefined,
): Result => {
  if (outputFile === undefined) return { print: io.print, close: () => Promise.resolve() };
  const parts: Uint8Array[] = [];
  return {
    print: (result) => {
      parts.push(typeof result === "string" ? Buffer.from(result) : result);
      return Promise.resolve();
    },
    close: () => deps.writeOutput(ctx, outputFile, Buffer.concat(parts)),
  };
};
