import type { Run } from "#cli/command.ts";
import type { FlagTable } from "#cli/flag.ts";
import { printable } from "#cli/printable.ts";

/** Prints a document that was made, or writes it to a file as it is; the exit code. */
export const writeDocument = async (
  { io, ctx, deps }: Pick<Run<FlagTable>, "io" | "ctx" | "deps">,
  bytes: Uint8Array,
  out: string | undefined,
  name: string,
): Promise<number> => {
  if (out === undefined) {
    // What ends with a line feed is handed over to the byte.
    const end = bytes.at(-1) === 0x0a ? "" : "\n";
    await io.print(Buffer.concat([bytes, Buffer.from(end)]));
    return 0;
  }
  await deps.writeOutput(ctx, out, bytes);
  io.note(printable(`Wrote ${name} to file ${out}`));
  return 0;
};
