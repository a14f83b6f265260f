import { getCompileCacheDir } from "node:module";
import type { DiagnosisDeps } from "#app/diagnose.ts";
import type { RegistryValues } from "#cli/registryFlags.ts";
import type { Ctx } from "#core/ctx.ts";
import { keyProbe } from "#main/keyProbe.ts";
import { openRegistryProbe } from "#main/registryProbe.ts";
import { openRepositories } from "#main/repositoryAccess.ts";

/** Everything that a diagnosis looks at; dispose of it to end its connections. */
export const openDiagnosis = async (
  ctx: Ctx,
  settings: RegistryValues,
  references: readonly string[],
  passwordFile: string | undefined,
): Promise<DiagnosisDeps & AsyncDisposable> => {
  const probe = await openRegistryProbe(ctx, settings, references);
  return {
    node: process.versions.node,
    cache: { path: getCompileCacheDir() },
    probe,
    repositories: openRepositories(settings, references),
    keys: keyProbe(passwordFile),
    [Symbol.asyncDispose]: probe.close,
  };
};
