import { askBadge } from "#app/askBadge.ts";
import { WaybillError } from "#core/errors.ts";
import type { Principal } from "#records/token.ts";
import type { ApiDeps } from "#api/apiDeps.ts";
import { BADGE_CONTENTS } from "#api/badgeContents.ts";
import { getBadgeJson, getBadgeSvg } from "#api/contract/paperRoutes.ts";
import { bindOpen } from "#api/endpoint.ts";
import type { Asked, Endpoint } from "#api/endpoint.ts";
import { ownKeys } from "#api/ownKeys.ts";
import { PRIVATE } from "#api/reply.ts";
import type { Content } from "#api/reply.ts";

const DEFAULT_TENANT = "default";

type Badge = (typeof BADGE_CONTENTS)[keyof typeof BADGE_CONTENTS];

export const badgeEndpoints = (deps: ApiDeps): readonly Endpoint[] => [
  bindOpen(getBadgeSvg, async (asked, by) => {
    const { svg, cache } = await readBadge(deps, asked, by);
    return { kind: "bytes", content: { ...svg, cache } };
  }),
  bindOpen(getBadgeJson, async (asked, by) => {
    const { json, cache } = await readBadge(deps, asked, by);
    return { kind: "bytes", content: { ...json, cache } };
  }),
];

/** An app that is not there and one whose badge is private look the same to whoever has no token of its tenant. */
const readBadge = async (
  deps: ApiDeps,
  { ctx, params, query }: Pick<Asked<typeof getBadgeJson>, "ctx" | "params" | "query">,
  by: Principal | undefined,
): Promise<Badge & Pick<Content, "cache">> => {
  const tenant = query.tenant ?? by?.tenant ?? DEFAULT_TENANT;
  const mine = by?.tenant === tenant;
  const state = await askBadge(deps)(ctx, { tenant, ...params, mine, keys: ownKeys(deps) });
  if (state === undefined) throw new WaybillError("NOT_FOUND", "no badge to show");
  return { ...BADGE_CONTENTS[state], cache: mine ? PRIVATE : "public, max-age=60" };
};
