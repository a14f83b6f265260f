import { createFirstToken } from "#app/createFirstToken.ts";
import type { ServiceDeps } from "#app/serviceDeps.ts";
import type { Ctx } from "#core/ctx.ts";
import { stageLocalFile } from "#host/stageLocalFile.ts";
import { newSecret } from "#main/newSecret.ts";

/**
 * Makes the operator's token of the very first start: returned to be shown once, or, where a file is named, written there with
 * mode 0600. The file is written before the token is kept, and put in its place after that: a token that cannot be written is
 * never made, and a process that another one was faster than leaves the other's file alone.
 */
export const firstToken = async (
  ctx: Ctx,
  deps: ServiceDeps,
  file: string | undefined,
): Promise<string | undefined> => {
  if (!(await deps.store.read(ctx, (records) => records.tokens.isEmpty()))) return undefined;
  const secret = newSecret();
  const staged = file === undefined ? undefined : await stageLocalFile(ctx, file, Buffer.from(`${secret}\n`), 0o600);
  try {
    const made = await createFirstToken({ ...deps, newSecret: () => secret })(ctx);
    if (made === undefined) {
      ctx.log("info", "another process made the first operator's token");
      await staged?.drop();
      return undefined;
    }
  } catch (error) {
    await staged?.drop();
    throw error;
  }
  await staged?.keep();
  return staged === undefined ? secret : undefined;
};
