import type { Ctx } from "#core/ctx.ts";
import { newToken } from "#app/newToken.ts";
import type { MadeToken, TokenDeps } from "#app/newToken.ts";

/**
 * The operator's token of the very first start, for the tenant `default`; undefined where any token was ever made. Looking and
 * making are one write, so that of several processes which start at once on an empty store exactly one makes it.
 */
export const createFirstToken =
  (deps: TokenDeps) =>
  (ctx: Ctx): Promise<MadeToken | undefined> => {
    const facts = { tenant: "default", name: "first operator", role: "operator" } as const;
    const { token, secret, keep } = newToken(deps, ctx, {
      ...facts,
      by: "service",
      expiresAt: undefined,
      requestId: undefined,
    });
    return deps.store.write(ctx, async (records) => {
      if (!(await records.tokens.isEmpty())) return undefined;
      await keep(records);
      return { token, secret };
    });
  };
