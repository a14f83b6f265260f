import type { Deps, OpenRepositories } from "#cli/deps.ts";
import type { Ctx } from "#core/ctx.ts";

/**
 * Runs a command and saves the archives that it wrote to once it has ended, whatever its answer is: what it could do is done.
 * A command that fails leaves them as they were.
 */
export const withSavedArchives = async <T>(deps: Deps, ctx: Ctx, run: (deps: Deps) => Promise<T>): Promise<T> => {
  const opened: OpenRepositories[] = [];
  const openRepositories: Deps["openRepositories"] = async (settings, references) => {
    const repositories = await deps.openRepositories(settings, references);
    opened.push(repositories);
    return repositories;
  };
  try {
    const result = await run({ ...deps, openRepositories });
    for (const one of opened) await one.finish(ctx, "save");
    return result;
  } catch (error) {
    for (const one of opened) await one.finish(ctx, "discard");
    throw error;
  }
};
