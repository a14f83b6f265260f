import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { ServiceKey } from "#records/serviceKey.ts";
import type { z } from "zod";
import type { ApiDeps } from "#api/apiDeps.ts";
import { getCosignPub, listKeys } from "#api/contract/serviceRoutes.ts";
import type { KEYS } from "#api/contract/serviceRoutes.ts";
import { bindOpen } from "#api/endpoint.ts";
import type { Endpoint } from "#api/endpoint.ts";
import { json } from "#api/reply.ts";
import type { Reply } from "#api/reply.ts";
import { viewTime, viewTimeOrNull } from "#api/views.ts";

export const keyEndpoints = (deps: ApiDeps): readonly Endpoint[] => [
  bindOpen(getCosignPub, ({ ctx, query: { kid } }) =>
    kid === undefined ? keyInUse(deps, ctx) : namedKey(deps, ctx, kid),
  ),
  bindOpen(listKeys, async ({ ctx }) => {
    const keys = await deps.store.read(ctx, (records) => records.keys.list());
    return json({ items: keys.map(viewKey) });
  }),
];

/** Of a process that has no key of its own, such as one that only answers, the one that another signs with. */
const keyInUse = async (deps: ApiDeps, ctx: Ctx): Promise<Reply> => {
  const own = deps.serviceKey();
  if (own !== undefined) return pemReply(own.pem, "public, max-age=300");
  const [first] = await deps.store.read(ctx, (records) => records.keys.list());
  if (first?.state === "current") return pemReply(first.pem, "public, max-age=300");
  throw new WaybillError("KEY_NOT_GENERATED", "the service has no key now", {
    hint: "Ask again when it has one; /v1/keys lists those that it had.",
  });
};

/** What stands under its own fingerprint never changes (RFC 8246). */
const namedKey = async (deps: ApiDeps, ctx: Ctx, kid: string): Promise<Reply> => {
  const own = deps.serviceKey();
  const named = own?.id === kid ? own : await deps.store.read(ctx, (records) => records.keys.find(kid));
  if (named === undefined) throw new WaybillError("NOT_FOUND", "no such key");
  return pemReply(named.pem, "public, max-age=31536000, immutable");
};

/** evidence.md 4.2: one PEM block, since single-key tools read the first one. */
const pemReply = (pem: string, cache: string): Reply => ({
  kind: "bytes",
  content: { mediaType: "application/x-pem-file", bytes: Buffer.from(pem), cache },
  headers: { Link: '</api/v1/keys>; rel="related"', "Access-Control-Allow-Origin": "*" },
});

const viewKey = (key: ServiceKey): z.infer<typeof KEYS>["items"][number] => ({
  id: key.id,
  algorithm: key.algorithm,
  state: key.state,
  first_seen_at: viewTime(key.firstSeenAt),
  retired_at: viewTimeOrNull(key.retiredAt),
  pem: key.pem,
});
