import { badgeOf } from "#app/badgeOf.ts";
import { isSigned } from "#app/isSigned.ts";
import { WaybillError } from "#core/errors.ts";
import type { Principal } from "#records/token.ts";
import type { ApiDeps } from "#api/apiDeps.ts";
import { BADGE_COLOURS, badgeSvg } from "#api/badgeSvg.ts";
import { getBadgeJson, getBadgeSvg } from "#api/contract/paperRoutes.ts";
import { bindOpen } from "#api/endpoint.ts";
import type { Asked, Endpoint } from "#api/endpoint.ts";
import { ownKeys } from "#api/ownKeys.ts";
import { PRIVATE } from "#api/reply.ts";
import type { Reply } from "#api/reply.ts";

const LABEL = "papers";
const DEFAULT_TENANT = "default";

interface ShownBadge {
  readonly state: keyof typeof BADGE_COLOURS;
  readonly cache: string;
}

export const badgeEndpoints = (deps: ApiDeps): readonly Endpoint[] => [
  bindOpen(getBadgeSvg, async (asked, by) => {
    const { state, cache } = await readBadge(deps, asked, by);
    return textReply("image/svg+xml", badgeSvg(LABEL, state, BADGE_COLOURS[state]), cache);
  }),
  bindOpen(getBadgeJson, async (asked, by) => {
    const { state, cache } = await readBadge(deps, asked, by);
    const badge = { schemaVersion: 1, label: LABEL, message: state, color: BADGE_COLOURS[state], state };
    return textReply("application/json", JSON.stringify(badge), cache);
  }),
];

const textReply = (mediaType: string, text: string, cache: string): Reply => ({
  kind: "bytes",
  content: { mediaType, bytes: Buffer.from(text), cache },
});

/** An app that is not there and one whose badge is private look the same to whoever has no token of its tenant. */
const readBadge = async (
  deps: ApiDeps,
  { ctx, params, query }: Pick<Asked<typeof getBadgeJson>, "ctx" | "params" | "query">,
  by: Principal | undefined,
): Promise<ShownBadge> => {
  const tenant = query.tenant ?? by?.tenant ?? DEFAULT_TENANT;
  const app = await deps.store.read(ctx, (records) => records.apps.find(tenant, params.app));
  const mine = by?.tenant === tenant;
  if (app === undefined || !(mine || app.publicBadge)) throw new WaybillError("NOT_FOUND", "no badge to show");
  const known = await deps.buildPapers(ctx, { tenant, app: params.app, build: params.build });
  const signed = isSigned(known?.signatures ?? [], ownKeys(deps));
  return { state: badgeOf({ build: known?.build, signed }), cache: mine ? PRIVATE : "public, max-age=60" };
};
