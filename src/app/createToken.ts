import type { Ctx } from "#core/ctx.ts";
import type { Records } from "#records/recordStore.ts";
import { newToken } from "#app/newToken.ts";
import type { MadeToken, TokenDeps, TokenFacts } from "#app/newToken.ts";

export interface CreateTokenInput extends TokenFacts {
  /** Done in the very write that keeps the token, and only with it; may be done again, as that write may. */
  readonly also?: (records: Records, made: MadeToken) => Promise<void>;
}

/** Makes a token of the service's own. INPUT_INVALID naming the field. */
export const createToken =
  (deps: TokenDeps) =>
  async (ctx: Ctx, { also, ...facts }: CreateTokenInput): Promise<MadeToken> => {
    const { token, secret, keep } = newToken(deps, ctx, facts);
    await deps.store.write(ctx, async (records) => {
      await keep(records);
      await also?.(records, { token, secret });
    });
    return { token, secret };
  };
