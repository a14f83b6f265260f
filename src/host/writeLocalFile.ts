import type { Ctx } from "#core/ctx.ts";
import { stageLocalFile } from "#host/stageLocalFile.ts";

/**
 * Writes a result file whole or not at all: under another name beside it, synced, then renamed. What is no regular file
 * (a pipe, a device) is written directly. `mode` is cut by the umask. STORE_FAILED, naming the path, when that cannot be done.
 */
export const writeLocalFile = async (ctx: Ctx, path: string, bytes: Uint8Array, mode = 0o666): Promise<void> => {
  const staged = await stageLocalFile(ctx, path, bytes, mode);
  await staged.keep();
};
