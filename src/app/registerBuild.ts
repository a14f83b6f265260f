import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { sameFacts } from "#records/build.ts";
import type { Build, BuildFacts } from "#records/build.ts";
import type { Principal } from "#records/token.ts";
import { checkBuildFacts } from "#app/checkBuildFacts.ts";
import { checkName } from "#app/checkName.ts";
import { noteChange } from "#app/noteChange.ts";
import type { ServiceDeps } from "#app/serviceDeps.ts";

export interface RegisterInput {
  readonly by: Principal;
  readonly app: string;
  readonly build: string;
  readonly facts: BuildFacts;
  readonly requestId: string | undefined;
}

/**
 * Takes a build in, and with its first build the app. The same again is no change: `created` is false then. BUILD_CONFLICT
 * where the build is registered with other facts, INPUT_INVALID naming the field.
 */
export const registerBuild =
  (deps: ServiceDeps) =>
  async (ctx: Ctx, input: RegisterInput): Promise<{ readonly created: boolean; readonly build: Build }> => {
    const { by } = input;
    const tenant = checkName(by.tenant, "tenant");
    const app = checkName(input.app, "app");
    const id = checkName(input.build, "build_id");
    const facts = checkBuildFacts(input.facts);
    const rows = { app: deps.newId(), build: deps.newId() };
    return deps.store.write(ctx, async (records) => {
      const at = ctx.clock.now();
      const known = await records.builds.find(tenant, app, id);
      if (known !== undefined) return { created: false, build: demandSame(known, facts) };
      if (await records.apps.insert({ tenant, name: app, row: rows.app, publicBadge: false, createdAt: at })) {
        const place = { at, tenant, app, build: undefined, operation: undefined };
        await records.events.append({ ...place, kind: "app", state: "registered" });
      }
      const build = newBuild({ tenant, app, id, row: rows.build, facts }, at);
      await records.builds.insert(build);
      const deed = { at, actor: by.actor, action: "build.register", requestId: input.requestId };
      await noteChange(records, deed, { build });
      return { created: true, build };
    });
  };

const newBuild = (names: Pick<Build, "tenant" | "app" | "id" | "row" | "facts">, at: number): Build => ({
  ...names,
  image: undefined,
  state: "pending",
  reason: undefined,
  operation: undefined,
  createdAt: at,
  updatedAt: at,
});

const demandSame = (known: Build, facts: BuildFacts): Build => {
  if (sameFacts(known.facts, facts)) return known;
  throw new WaybillError("BUILD_CONFLICT", `the build ${known.id} of ${known.app} is registered with other facts`);
};
