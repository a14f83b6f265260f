import type { Ctx } from "#core/ctx.ts";
import { helperFailed, saysNotFound } from "#registry/credential/askHelper.ts";
import type { RunHelper } from "#registry/credential/askHelper.ts";
import type { HelperCall } from "#registry/credential/parseConfigFile.ts";

/** Gives a credential to a helper to keep. */
export const storeWithHelper = async (
  run: RunHelper,
  ctx: Ctx,
  call: HelperCall,
  pair: { readonly username: string; readonly password: string },
): Promise<void> => {
  const input = JSON.stringify({ ServerURL: call.server, Username: pair.username, Secret: pair.password });
  const { exit } = await run(ctx, call.helper, "store", input);
  if (exit !== 0) throw helperFailed(call, "store", `ended with ${exit}`);
};

/** Makes a helper forget a registry; false where it did not know it. */
export const eraseWithHelper = async (run: RunHelper, ctx: Ctx, call: HelperCall): Promise<boolean> => {
  const { exit, stdout } = await run(ctx, call.helper, "erase", call.server);
  if (exit !== 0 && !saysNotFound(stdout)) throw helperFailed(call, "erase", `ended with ${exit}`);
  return exit === 0;
};
