import { gatherBuildFacts } from "#app/gatherBuildFacts.ts";
import type { GatherBuildInput } from "#app/gatherBuildFacts.ts";
import type { Run } from "#cli/command.ts";
import type { FlagTable, FlagValues } from "#cli/flag.ts";
import { readPairs } from "#cli/paperFlags.ts";
import type { buildFlags } from "#cli/provenanceFlags.ts";

/** The build's facts as flags state them and, where they ask for it, as its environment does; says what is not usable. */
export const readBuildFacts = async (
  { io, ctx, deps }: Pick<Run<FlagTable>, "io" | "ctx" | "deps">,
  flags: FlagValues<typeof buildFlags>,
): Promise<GatherBuildInput["stated"]> => {
  const { source, commitSha, buildId, tenantId, appId, builderId, buildType, startedOn, finishedOn } = flags;
  const texts = { source, commitSha, buildId, tenantId, appId, builderId, buildType, startedOn, finishedOn };
  const gathered = await gatherBuildFacts({ readFile: deps.readFileIfThere })(ctx, {
    from: flags.provenanceFrom,
    variables: io.env,
    stated: { ...texts, parameters: readPairs(flags.parameter, "--parameter"), materials: flags.material },
  });
  for (const name of gathered.leftOut)
    io.warn(`provenance: ${name} is left out, since ${gathered.from} gives no usable value`);
  return gathered.facts;
};
