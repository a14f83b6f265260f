import type { Ctx } from "#core/ctx.ts";
import type { Build, Tenant } from "#records/build.ts";
import type { Records } from "#records/recordStore.ts";
import { badgeOf } from "#app/badgeOf.ts";
import type { BadgeState } from "#app/badgeOf.ts";
import { isPaperOfBuild } from "#app/isPaperOfBuild.ts";
import { isSigned } from "#app/isSigned.ts";
import type { ServiceDeps } from "#app/serviceDeps.ts";

export interface BadgeInput {
  readonly tenant: Tenant;
  readonly app: string;
  readonly build: string;
  /** True for whoever has a token of the tenant; everybody else sees public badges only. */
  readonly mine: boolean;
  /** Ids of the keys whose signatures count. */
  readonly keys: readonly string[];
}

/** What the badge of a build says; undefined for an app that is not there, or not for the eyes of whoever asks. */
export const askBadge =
  ({ store }: Pick<ServiceDeps, "store">) =>
  (ctx: Ctx, { tenant, app: name, build: id, mine, keys }: BadgeInput): Promise<BadgeState | undefined> =>
    store.read(ctx, async (records) => {
      const app = await records.apps.find(tenant, name);
      if (app === undefined || !(mine || app.publicBadge)) return undefined;
      const build = await records.builds.find(tenant, name, id);
      return badgeOf({ build, signed: build !== undefined && (await hasSignature(records, build, keys)) });
    });

const hasSignature = async (records: Records, build: Build, keys: readonly string[]): Promise<boolean> => {
  if (build.image === undefined) return false;
  const papers = await records.papers.list(build.tenant, build.image.digest);
  return isSigned(
    papers.filter((paper) => isPaperOfBuild(paper, build)),
    keys,
  );
};
