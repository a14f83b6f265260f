import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { App, AppSummary } from "#records/app.ts";
import type { z } from "zod";
import type { ApiDeps } from "#api/apiDeps.ts";
import { listApps, patchApp } from "#api/contract/serviceRoutes.ts";
import type { APP } from "#api/contract/serviceRoutes.ts";
import { bind } from "#api/endpoint.ts";
import type { AskedBy, Endpoint } from "#api/endpoint.ts";
import { readPage } from "#api/readPage.ts";
import { json } from "#api/reply.ts";
import { viewTime } from "#api/views.ts";

export const appEndpoints = (deps: ApiDeps): readonly Endpoint[] => [
  bind(listApps, async ({ ctx, by, query }) =>
    json(
      await readPage({
        list: [by.tenant, listApps.path],
        query,
        read: (cut) => deps.store.read(ctx, (records) => records.apps.list(by.tenant, cut)),
        rowOf: ({ name }) => name,
        view: viewApp,
      }),
    ),
  ),
  bind(patchApp, async (asked) => {
    const app = await changeApp(deps, asked.ctx, asked);
    const { name, createdAt } = app;
    return json({ name, public_badge: asked.body.public_badge, created_at: viewTime(createdAt) });
  }),
];

const changeApp = (deps: ApiDeps, ctx: Ctx, { by, params, body, requestId }: AskedBy<typeof patchApp>): Promise<App> =>
  deps.store.write(ctx, async (records) => {
    const { tenant, actor } = by;
    const app = await records.apps.find(tenant, params.app);
    if (app === undefined) throw new WaybillError("NOT_FOUND", "no such app");
    const publicBadge = body.public_badge;
    if (app.publicBadge === publicBadge) return app;
    const at = deps.clock.now();
    await records.apps.setPublicBadge(tenant, app.name, publicBadge);
    const detail = { public_badge: String(publicBadge) };
    await records.audit.append({
      at,
      tenant,
      actor,
      action: "app.change",
      object: `apps/${app.name}`,
      requestId,
      detail,
    });
    const state = publicBadge ? "badge public" : "badge private";
    await records.events.append({
      at,
      tenant,
      kind: "app",
      app: app.name,
      build: undefined,
      operation: undefined,
      state,
    });
    return app;
  });

const viewApp = ({ name, publicBadge, builds, latest, createdAt }: AppSummary): z.infer<typeof APP> => ({
  name,
  public_badge: publicBadge,
  builds,
  latest:
    latest === undefined ? null : { build_id: latest.id, state: latest.state, updated_at: viewTime(latest.updatedAt) },
  created_at: viewTime(createdAt),
});
