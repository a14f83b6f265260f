import type { Ctx } from "#core/ctx.ts";
import type { RegistrySession } from "#registry/client/session.ts";

const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Opens the registry's own door, `/v2/`, with the session's credential (distribution-spec "Determining Support"): throws
 * AUTH_REQUIRED or whatever else the registry answers than a success.
 */
export const checkLogin = async (session: RegistrySession, ctx: Ctx): Promise<void> => {
  const answer = await session.send(ctx, {
    method: "GET",
    target: "/v2/",
    scope: undefined,
    maxBytes: MAX_ANSWER_BYTES,
  });
  if (answer.status !== 200) throw answer.error();
};
