import type { BlobFiles } from "#app/blobFiles.ts";
import { readBlob } from "#host/readBlob.ts";
import { readLocalFile } from "#host/readLocalFile.ts";
import { writeLocalFile } from "#host/writeLocalFile.ts";

// A bundle of the largest statement in base64, which is what the reader of bundles takes at most.
const MAX_PAPER_BYTES = 176 * 1024 * 1024;

/** Files of this machine. */
export const localBlobFiles = (readStdin: () => AsyncIterable<Uint8Array>): BlobFiles => ({
  open: (ctx, path) => (path === "-" ? readStdin() : readBlob(ctx, path)),
  readPaper: (ctx, path) => readLocalFile(ctx, path, { cap: MAX_PAPER_BYTES, what: "the paper" }),
  write: writeLocalFile,
});
