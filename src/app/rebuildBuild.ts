import type { Ctx } from "#core/ctx.ts";
import { sameFacts } from "#records/build.ts";
import type { Build } from "#records/build.ts";
import type { Records } from "#records/recordStore.ts";
import type { ToldBuild } from "#app/joinClaims.ts";
import { noteChange } from "#app/noteChange.ts";
import type { ServiceDeps } from "#app/serviceDeps.ts";

/** `conflict`: the index has the build with something else, and keeps that. */
export type RebuiltBuild = "added" | "known" | "conflict";

/**
 * Writes a build down that its papers tell of, and with an app's first build the app. A build that the index has with the same
 * image stays as it is; one that was registered again with the same facts and has no image yet gets this one. Papers hold no
 * times, so that everything is of now.
 */
export const rebuildBuild =
  (deps: ServiceDeps) =>
  (ctx: Ctx, by: string, told: ToldBuild): Promise<RebuiltBuild> => {
    const rows = { app: deps.newId(), build: deps.newId() };
    return deps.store.write(ctx, async (records) => {
      const at = ctx.clock.now();
      const known = await records.builds.find(told.tenant, told.app, told.id);
      if (known?.image !== undefined) return known.image.digest === told.image.digest ? "known" : "conflict";
      if (known !== undefined && !sameFacts(known.facts, told.facts)) return "conflict";
      const build: Build = {
        ...told,
        row: known?.row ?? rows.build,
        state: "done",
        reason: undefined,
        operation: known?.operation,
        createdAt: known?.createdAt ?? at,
        updatedAt: at,
      };
      if (known === undefined) await insert(records, build, rows.app);
      else await records.builds.update(build);
      await noteChange(records, { at, actor: by, action: "store.rebuild", requestId: undefined }, { build });
      return "added";
    });
  };

const insert = async (records: Records, build: Build, row: string): Promise<void> => {
  const { tenant, app, createdAt: at } = build;
  if (await records.apps.insert({ tenant, name: app, row, publicBadge: false, createdAt: at }))
    await records.events.append({
      at,
      tenant,
      app,
      build: undefined,
      operation: undefined,
      kind: "app",
      state: "registered",
    });
  await records.builds.insert(build);
};
