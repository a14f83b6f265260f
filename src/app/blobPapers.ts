import type { BlobFiles } from "#app/blobFiles.ts";
import { decodeAnyBase64 } from "#claims/base64.ts";
import { readBlobPaper } from "#claims/blobPaper.ts";
import type { BlobPaperShape } from "#claims/blobPaper.ts";
import type { BlobCandidate } from "#claims/claim.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError, hasCode } from "#core/errors.ts";

/** A paper about a file as it was given: a bundle's path, or a signature's path or base64. */
export interface BlobPaper {
  readonly form: BlobPaperShape["form"];
  readonly source: string;
}

/** A paper that was read, and how messages call it. */
export interface ReadPaper {
  readonly name: string;
  readonly candidate: BlobCandidate;
}

/** Reads papers one after another; one that is not there ends it (NOT_FOUND), one that cannot be understood is a value. */
export const readBlobPapers = async (
  ctx: Ctx,
  files: Pick<BlobFiles, "readPaper">,
  papers: readonly BlobPaper[],
  wanted: BlobPaperShape["wanted"],
): Promise<readonly ReadPaper[]> => {
  const read: ReadPaper[] = [];
  for (const { form, source } of papers) {
    const { name, bytes } = form === "bundle" ? await readFile(ctx, files, source) : await readBare(ctx, files, source);
    read.push({ name, candidate: readBlobPaper({ form, wanted }, bytes) });
  }
  return read;
};

interface Source {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const readFile = async (ctx: Ctx, files: Pick<BlobFiles, "readPaper">, path: string): Promise<Source> => ({
  name: path,
  bytes: await files.readPaper(ctx, path),
});

// The shortest signature, of Ed25519, is 64 bytes; what is shorter is a file's name that was mistyped.
const MIN_LITERAL = 48;

/** A file of that name or else, as cosign reads it, the base64 text itself, whose length alone may be none of a name. */
const readBare = async (ctx: Ctx, files: Pick<BlobFiles, "readPaper">, source: string): Promise<Source> => {
  try {
    return await readFile(ctx, files, source);
  } catch (cause) {
    if (!hasCode(cause, "NOT_FOUND", "INPUT_INVALID")) throw cause;
    if ((decodeAnyBase64(source.trim())?.byteLength ?? 0) >= MIN_LITERAL)
      return { name: "the given signature", bytes: Buffer.from(source) };
    throw new WaybillError(cause.code, cause.message, {
      hint: "Give a file, or the signature itself in base64.",
      cause,
    });
  }
};
