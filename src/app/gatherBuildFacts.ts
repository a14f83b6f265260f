import type { ProvenanceFacts } from "#claims/provenance.ts";
import { WaybillError } from "#core/errors.ts";
import type { Ctx } from "#core/ctx.ts";
import { BUILD_SYSTEMS } from "#app/buildSystems.ts";
import { cleanSource } from "#app/cleanSource.ts";
import { isEmpty, isRunningOn, readBuildVariables, readParameter } from "#app/readBuildVariables.ts";
import type { ReadVariables } from "#app/readBuildVariables.ts";
import { readCheckout } from "#app/readCheckout.ts";
import type { Checkout, CheckoutFiles } from "#app/readCheckout.ts";

export interface GatherBuildInput {
  /** Name of a build system, `git`, `auto` or `none`. */
  readonly from: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** What was said outright; it wins. */
  readonly stated: ProvenanceFacts;
}

export interface GatheredBuild {
  readonly facts: ProvenanceFacts;
  /** Where facts came from; undefined where nothing was asked for. */
  readonly from: string | undefined;
  /** Fields that were there and are not usable. */
  readonly leftOut: readonly string[];
}

/**
 * The facts of a build: what was stated, and besides what a build system's variables or a git checkout say. USAGE_INVALID where
 * they were asked for and say nothing, or where nobody can tell which system it is.
 */
export const gatherBuildFacts =
  (files: CheckoutFiles) =>
  async (ctx: Ctx, { from, variables, stated }: GatherBuildInput): Promise<GatheredBuild> => {
    if (from === "none") return { facts: stated, from: undefined, leftOut: [] };
    const name = from === "auto" ? recognise(variables) : from;
    const system = BUILD_SYSTEMS.find((one) => one.name === name);
    const { facts, leftOut } =
      system === undefined ? readFacts(await readCheckout(files)(ctx)) : readBuildVariables(system, variables);
    if (isEmpty(facts)) throw nothingSaid(from, name);
    return { facts: merge(stated, facts), from: name, leftOut };
  };

const recognise = (variables: GatherBuildInput["variables"]): string => {
  const found = BUILD_SYSTEMS.filter((system) => isRunningOn(system, variables)).map(({ name }) => name);
  if (found.length > 1) {
    throw new WaybillError("USAGE_INVALID", `--provenance-from auto: the variables of ${found.join(" and ")} are set`, {
      hint: `Name the one that runs this build: --provenance-from ${found[0]}.`,
    });
  }
  return found[0] ?? "git";
};

const readFacts = (checkout: Checkout | undefined): ReadVariables => {
  if (checkout === undefined) return { facts: { parameters: {} }, leftOut: [] };
  const { commit, ref, remote } = checkout;
  const source = remote === undefined ? undefined : cleanRemote(remote);
  const readable = ref === undefined ? undefined : readParameter(ref);
  const leftOut = [
    ...(remote !== undefined && source === undefined ? ["source"] : []),
    ...(ref !== undefined && readable === undefined ? ["ref"] : []),
  ];
  const facts = {
    ...(source !== undefined && { source }),
    ...(commit !== undefined && { commitSha: commit }),
    parameters: readable === undefined ? {} : { ref: readable },
  };
  return { facts: isEmpty(facts) ? facts : { ...facts, buildType: GIT_BUILD_TYPE }, leftOut };
};

const GIT_BUILD_TYPE = "https://waybill.dev/build-type/git/v1";

const cleanRemote = (remote: string): string | undefined => {
  try {
    return cleanSource(remote);
  } catch {
    return undefined;
  }
};

const merge = (stated: ProvenanceFacts, found: ReadVariables["facts"]): ProvenanceFacts => {
  const said = Object.entries(stated).filter(([, value]) => value !== undefined && value !== "");
  const parameters = { ...found.parameters, ...stated.parameters };
  return { ...found, ...(Object.fromEntries(said) as unknown as ProvenanceFacts), parameters };
};

const nothingSaid = (from: string, name: string): WaybillError =>
  name === "git"
    ? new WaybillError(
        "USAGE_INVALID",
        from === "auto"
          ? "--provenance-from auto: no build system is recognised, and here is no git checkout either"
          : "--provenance-from git: here is no git checkout that says anything",
        { hint: "Run it in the checkout, or say what is known with --source, --commit-sha and --build-id." },
      )
    : new WaybillError("USAGE_INVALID", `--provenance-from ${from}: none of the variables of ${name} is set`, {
        hint: "Run it within a job of that system, or hand its variables over to the container that it runs in.",
      });
