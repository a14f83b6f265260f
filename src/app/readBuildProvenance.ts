import { hasCode } from "#core/errors.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { Json } from "#core/strictJson.ts";
import type { BuildFacts } from "#records/build.ts";
import { checkBuildFacts } from "#app/checkBuildFacts.ts";

/** What a provenance says of a build besides its names (`provenanceNames`). */
export interface BuildProvenance {
  readonly tenant: string | undefined;
  /**
   * The facts as they were registered, of which the signature's annotation has the commit as it was written; undefined
   * where the provenance is not one that `buildProvenanceFacts` makes of that commit.
   */
  readonly factsFor: (commitSha: string | undefined) => BuildFacts | undefined;
}

/** Reads a verified predicate of type SLSA v1, or v0.2 for its tenant alone: the service registers no build with that one. */
export const readBuildProvenance = (predicate: Uint8Array): BuildProvenance => {
  const value = parse(predicate);
  const external = at(value, "buildDefinition", "externalParameters");
  return {
    tenant: textAt(external, "tenantId") ?? textAt(value, "invocation", "parameters", "tenantId"),
    factsFor: (commitSha) => (external === undefined ? undefined : readFacts(value, external, commitSha)),
  };
};

const parse = (bytes: Uint8Array): Json => {
  try {
    return parseStrict(bytes, "provenance");
  } catch (error) {
    if (!hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED")) throw error;
    return null;
  }
};

/**
 * `buildProvenanceFacts` backwards. A commit in full is the digest of the first dependency, in lower case; any other, like the
 * builder's name, is among the parameters, and is taken out there. Where a parameter of the same name and value was
 * registered besides the fact, nothing tells the two apart: it is the fact.
 */
const readFacts = (value: Json, external: Json, commitSha: string | undefined): BuildFacts | undefined => {
  const parameters = textsOf(at(external, "parameters"));
  if (parameters === undefined) return undefined;
  const [dependency] = listOf(at(value, "buildDefinition", "resolvedDependencies"));
  const commit = textAt(dependency, "digest", "gitCommit");
  const isText = commit === undefined && commitSha !== undefined;
  const said = isText ? parameters.get("commit_sha") : commit;
  if (said !== (isText ? commitSha : commitSha?.toLowerCase())) return undefined;
  const isFact = (name: string): boolean => name === "builder" || (isText && name === "commit_sha");
  return checked({
    source: textAt(external, "source"),
    commitSha,
    builder: parameters.get("builder"),
    parameters: Object.fromEntries([...parameters].filter(([name]) => !isFact(name))),
  });
};

const checked = (facts: BuildFacts): BuildFacts | undefined => {
  try {
    return checkBuildFacts(facts);
  } catch (error) {
    if (!hasCode(error, "INPUT_INVALID")) throw error;
    return undefined;
  }
};

const textsOf = (value: Json | undefined): ReadonlyMap<string, string> | undefined => {
  if (value === undefined) return new Map();
  if (!isJsonObject(value)) return undefined;
  const entries = Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === "string");
  return entries.length === Object.keys(value).length ? new Map(entries) : undefined;
};

const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : []);

const at = (value: Json | undefined, ...path: readonly string[]): Json | undefined =>
  path.reduce<Json | undefined>(
    (from, name) => (isJsonObject(from) && Object.hasOwn(from, name) ? from[name] : undefined),
    value,
  );

const textAt = (value: Json | undefined, ...path: readonly string[]): string | undefined => {
  const found = at(value, ...path);
  return typeof found === "string" ? found : undefined;
};
