import type { AttestationPaper } from "#app/paper.ts";
import { preparePredicate, prepareStatement } from "#app/preparePredicate.ts";
import { prepareProvenance, provenanceVersionOf } from "#app/prepareProvenance.ts";
import type { Run } from "#cli/command.ts";
import type { FlagTable, FlagValues } from "#cli/flag.ts";
import { required } from "#cli/paperFlags.ts";
import type { buildFlags } from "#cli/provenanceFlags.ts";
import { readBuildFacts } from "#cli/readBuildFacts.ts";

interface AttestValues extends FlagValues<typeof buildFlags> {
  readonly type: string;
  readonly predicate: string | undefined;
  readonly statement: string | undefined;
}

/**
 * What `attest` is to sign: the statement or the predicate of a file, or, for a type of provenance without either, one that is
 * made of what is said about the build. USAGE_INVALID where nothing is.
 */
export const readAttested = async (
  run: Pick<Run<FlagTable>, "io" | "ctx" | "deps">,
  flags: AttestValues,
): Promise<AttestationPaper> => {
  const read = (path: string): Promise<Uint8Array> => run.deps.readInput(run.ctx, path, run.io.readStdin);
  if (flags.statement !== undefined) return prepareStatement(await read(flags.statement));
  const version = flags.predicate === undefined && saysSomething(flags) ? provenanceVersionOf(flags.type) : undefined;
  if (version !== undefined) {
    return { kind: "attestation", ...prepareProvenance(await readBuildFacts(run, flags), version, undefined) };
  }
  const asked = "Give the file that holds the predicate, or - for stdin.";
  return preparePredicate(flags.type, await read(required(flags.predicate, "--predicate", asked)));
};

const saysSomething = (flags: FlagValues<typeof buildFlags>): boolean =>
  flags.provenanceFrom !== "none" ||
  flags.parameter.length > 0 ||
  flags.material.length > 0 ||
  [
    flags.source,
    flags.commitSha,
    flags.buildId,
    flags.tenantId,
    flags.appId,
    flags.builderId,
    flags.buildType,
    flags.startedOn,
    flags.finishedOn,
  ].some((fact) => (fact ?? "") !== "");
