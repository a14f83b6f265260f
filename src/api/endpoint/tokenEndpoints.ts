import type { MadeToken } from "#app/newToken.ts";
import type { Records } from "#records/recordStore.ts";
import type { Token } from "#records/token.ts";
import type { z } from "zod";
import type { ApiDeps } from "#api/apiDeps.ts";
import { deleteToken, listTokens, postToken } from "#api/contract/serviceRoutes.ts";
import type { TOKEN_PAGE } from "#api/contract/serviceRoutes.ts";
import { bind } from "#api/endpoint.ts";
import type { Endpoint } from "#api/endpoint.ts";
import { readPage } from "#api/readPage.ts";
import { json } from "#api/reply.ts";
import type { Reply } from "#api/reply.ts";
import { viewTime, viewTimeOrNull } from "#api/views.ts";

export const tokenEndpoints = (deps: ApiDeps): readonly Endpoint[] => [
  bind(listTokens, async ({ ctx, by, query }) =>
    json(
      await readPage({
        list: [by.tenant, listTokens.path],
        query,
        read: (cut) => deps.store.read(ctx, (records) => records.tokens.list(by.tenant, cut)),
        rowOf: ({ id }) => id,
        view: viewToken,
      }),
    ),
  ),
  bind(postToken, async ({ ctx, by: { actor, tenant }, requestId, keepReply, body }) => {
    const { name, role, expires_in_s: seconds } = body;
    const expiresAt = seconds === undefined ? undefined : deps.clock.now() + seconds * 1000;
    const facts = { by: actor, tenant, name, role, expiresAt, requestId };
    // A second token under the same key would be one that nobody knows of.
    const also = (records: Records, made: MadeToken): Promise<void> => keepReply(records, replyOf(made));
    return replyOf(await deps.createToken(ctx, { ...facts, also }));
  }),
  bind(deleteToken, async ({ ctx, by: { actor, tenant }, requestId, params: { id } }) => {
    await deps.revokeToken(ctx, { by: actor, tenant, id, requestId });
    return { kind: "none" };
  }),
];

const replyOf = ({ token, secret }: MadeToken): Reply => json({ ...viewToken(token), secret }, 201);

const viewToken = (token: Token): z.infer<typeof TOKEN_PAGE>["items"][number] => ({
  id: token.id,
  name: token.name,
  role: token.role,
  created_at: viewTime(token.createdAt),
  expires_at: viewTimeOrNull(token.expiresAt),
  revoked_at: viewTimeOrNull(token.revokedAt),
});
