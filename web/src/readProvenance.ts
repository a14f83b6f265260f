/** What a SLSA v1 provenance says, for people to read; everything in it is text of others. */
export interface ProvenanceSummary {
  readonly builder: string | undefined;
  readonly buildType: string | undefined;
  readonly invocation: string | undefined;
  readonly startedOn: string | undefined;
  readonly finishedOn: string | undefined;
  /** External parameters by name, those inside of others as `outer.inner`. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  readonly dependencies: readonly Dependency[];
  /** How many parameters and dependencies there are beyond those listed. */
  readonly left: number;
}

export interface Dependency {
  /** Empty where it is named by its digest alone. */
  readonly uri: string;
  /** `ALGORITHM:VALUE`. */
  readonly digests: readonly string[];
}

// A page is for reading; the whole document can be saved.
const MAX_LISTED = 100;
const MAX_DEPTH = 4;

/** Reads slsa.dev/spec/v1.0/provenance; undefined where the document is none. Members of other types are left out. */
export const readProvenance = (document: unknown): ProvenanceSummary | undefined => {
  const { buildDefinition, runDetails } = membersOf(document);
  if (buildDefinition === undefined && runDetails === undefined) return undefined;
  const { buildType, externalParameters, resolvedDependencies } = membersOf(buildDefinition);
  const { builder, metadata } = membersOf(runDetails);
  const { invocationId, startedOn, finishedOn } = membersOf(metadata);
  const parameters = flatten("", externalParameters, 0);
  const dependencies = Array.isArray(resolvedDependencies) ? resolvedDependencies.map(readDependency) : [];
  const listed = parameters.slice(0, MAX_LISTED).length + dependencies.slice(0, MAX_LISTED).length;
  return {
    builder: textOf(membersOf(builder)["id"]),
    buildType: textOf(buildType),
    invocation: textOf(invocationId),
    startedOn: textOf(startedOn),
    finishedOn: textOf(finishedOn),
    parameters: parameters.slice(0, MAX_LISTED),
    dependencies: dependencies.slice(0, MAX_LISTED),
    left: parameters.length + dependencies.length - listed,
  };
};

const readDependency = (dependency: unknown): Dependency => {
  const { uri, name, digest } = membersOf(dependency);
  return {
    uri: textOf(uri) ?? textOf(name) ?? "",
    digests: Object.entries(membersOf(digest)).flatMap(([algorithm, value]) =>
      typeof value === "string" ? [`${algorithm}:${value}`] : [],
    ),
  };
};

const flatten = (name: string, value: unknown, depth: number): readonly (readonly [string, string])[] => {
  if (value === undefined || value === null) return [];
  if (typeof value !== "object" || depth >= MAX_DEPTH) return [[name, textOf(value) ?? JSON.stringify(value)]];
  return Object.entries(value).flatMap(([member, inner]) =>
    flatten(name === "" ? member : `${name}.${member}`, inner, depth + 1),
  );
};

const membersOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
