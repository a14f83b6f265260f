import { isSigned } from "#app/isSigned.ts";
import type { Ctx } from "#core/ctx.ts";
import { mapLimited } from "#core/limit.ts";
import type { Tenant } from "#records/build.ts";
import type { ApiDeps } from "#api/apiDeps.ts";
import { BUILD_STATE } from "#api/contract/fields.ts";
import { getOverview } from "#api/contract/serviceRoutes.ts";
import { bind } from "#api/endpoint.ts";
import type { Endpoint } from "#api/endpoint.ts";
import { ownKeys } from "#api/ownKeys.ts";
import { json } from "#api/reply.ts";
import { viewBuild, viewJob } from "#api/views.ts";

// Coverage is verified papers, not states; this many builds can be looked at on every visit of the page.
const COVERED = 50;
const SHOWN = { limit: 10, after: undefined };

export const overviewEndpoints = (deps: ApiDeps): readonly Endpoint[] => [
  bind(getOverview, async ({ ctx, by: { tenant } }) => {
    const found = await deps.store.read(ctx, async ({ apps, builds, jobs }) => ({
      states: await apps.countStates(tenant),
      newest: await builds.list(tenant, { app: undefined, state: undefined }, { limit: COVERED, after: undefined }),
      failed: await builds.list(tenant, { app: undefined, state: "failed" }, SHOWN),
      waiting: await builds.list(tenant, { app: undefined, state: "signing_unavailable" }, SHOWN),
      dead: await jobs.list(tenant, "dead", SHOWN),
    }));
    return json({
      states: Object.fromEntries(BUILD_STATE.options.map((state) => [state, found.states[state] ?? 0])),
      coverage: await coverageOf(deps, ctx, tenant, found.newest),
      attention: {
        failed: found.failed.map(viewBuild),
        signing_unavailable: found.waiting.map(viewBuild),
        dead_jobs: found.dead.map(viewJob),
      },
    });
  }),
];

const coverageOf = async (
  deps: ApiDeps,
  ctx: Ctx,
  tenant: Tenant,
  builds: readonly { readonly app: string; readonly id: string }[],
): Promise<Readonly<Record<string, number>>> => {
  const own = ownKeys(deps);
  const known = await mapLimited(builds, 4, ({ app, id }) => deps.buildPapers(ctx, { tenant, app, build: id }));
  return {
    builds: builds.length,
    signed: known.filter((one) => isSigned(one?.signatures ?? [], own)).length,
    with_sbom: known.filter((one) => one?.sbom !== undefined).length,
    with_provenance: known.filter((one) => one?.provenance !== undefined).length,
  };
};
