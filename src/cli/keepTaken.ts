import type { TakenPaper } from "#app/takeSigned.ts";
import type { Deps } from "#cli/deps.ts";
import type { Io } from "#cli/io.ts";
import type { Ctx } from "#core/ctx.ts";

/** Files that are to hold what was signed. */
export interface PaperFiles {
  readonly bundle?: string | undefined;
  readonly outputSignature?: string | undefined;
  readonly outputPayload?: string | undefined;
}

/** Whether any file is wanted. */
export const wantsFiles = ({ bundle, outputSignature, outputPayload }: PaperFiles): boolean =>
  [bundle, outputSignature, outputPayload].some((file) => file !== undefined);

/**
 * Writes signed papers to the files that were named. Where there are several, each file's name gets the digest that its paper
 * is about, as cosign does it (cosign.md 1.9).
 */
export const keepTaken = async (
  { io, ctx, deps }: { readonly io: Io; readonly ctx: Ctx; readonly deps: Pick<Deps, "writeOutput"> },
  taken: readonly TakenPaper[],
  files: PaperFiles,
): Promise<void> => {
  for (const paper of taken) {
    const suffix = taken.length > 1 ? `-${paper.digest.replace(":", "-")}` : "";
    const write = async (what: string, file: string | undefined, bytes: () => Promise<Uint8Array>): Promise<void> => {
      if (file === undefined) return;
      await deps.writeOutput(ctx, `${file}${suffix}`, await bytes());
      io.note(`  wrote ${what} to ${file}${suffix}`);
    };
    await write("bundle", files.bundle, paper.bundle);
    await write("payload", files.outputPayload, async () => paper.payload);
    await write("signature", files.outputSignature, async () =>
      Buffer.from(Buffer.from(await paper.signature()).toString("base64")),
    );
  }
};

/** Signatures as `sign --upload=false` prints them, one on a line. */
export const printSignatures = async (io: Io, taken: readonly TakenPaper[]): Promise<void> => {
  for (const paper of taken) {
    await io.print(`${Buffer.from(await paper.signature()).toString("base64")}\n`);
  }
};
