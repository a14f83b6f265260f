import { sortedMap, writeProtoJson } from "#claims/goJson.ts";
import type { GoJson } from "#claims/goJson.ts";
import { readMaterial, readMoment, readName, readCommit, readUri } from "#claims/provenanceFlag.ts";
import type { Material } from "#claims/provenanceFlag.ts";
import { WaybillError } from "#core/errors.ts";

/** What is known of a build; whatever is undefined or empty is not said. Texts as given to the flags of the same names. */
export interface ProvenanceFacts {
  /** URI of the source. */
  readonly source?: string | undefined;
  /** Git commit: 40 or 64 lower-case hex digits. */
  readonly commitSha?: string | undefined;
  readonly buildId?: string | undefined;
  readonly tenantId?: string | undefined;
  readonly appId?: string | undefined;
  /** URI of the platform that built. */
  readonly builderId?: string | undefined;
  /** URI that documents the parameters. */
  readonly buildType?: string | undefined;
  readonly parameters: Readonly<Record<string, string>>;
  /** `URI@ALGORITHM:HEX` */
  readonly materials: readonly string[];
  /** RFC 3339. */
  readonly startedOn?: string | undefined;
  readonly finishedOn?: string | undefined;
}

export type ProvenanceVersion = "1" | "0.2";

/** Both formats demand the two URIs. Where nobody stated them these say just that; no policy will take them for a builder. */
const UNSTATED_BUILDER = "https://waybill.dev/builder/unstated";
const OWN_BUILD_TYPE = "https://waybill.dev/build-type/flags/v1";

/**
 * A SLSA provenance predicate as JSON, deterministic, with nothing in it that was not given: no clock, no host, no level.
 *
 * What a tenant chooses (source, tenant, app, parameters) are external parameters; the commit is the digest of a resolved
 * dependency; the build's id is the invocation (builders.md 5.2 and 6.9). Throws USAGE_INVALID naming the flag.
 */
export const writeProvenance = (facts: ProvenanceFacts, version: ProvenanceVersion): Uint8Array => {
  const build = readBuild(facts);
  return writeProtoJson(version === "1" ? provenance1(build) : provenance02(build));
};

interface Build {
  readonly builderId: string;
  readonly buildType: string;
  readonly source: string | undefined;
  readonly commit: string | undefined;
  readonly parameters: ReadonlyMap<string, string>;
  readonly tenantId: string | undefined;
  readonly appId: string | undefined;
  readonly buildId: string | undefined;
  readonly materials: readonly Material[];
  readonly startedOn: string | undefined;
  readonly finishedOn: string | undefined;
}

const readBuild = (facts: ProvenanceFacts): Build => {
  const startedOn = readMoment(facts.startedOn, "--started-on");
  const finishedOn = readMoment(facts.finishedOn, "--finished-on");
  if (startedOn !== undefined && finishedOn !== undefined && Date.parse(finishedOn) < Date.parse(startedOn)) {
    throw new WaybillError("USAGE_INVALID", `--finished-on ${finishedOn} lies before --started-on ${startedOn}`);
  }
  return {
    builderId: readUri(facts.builderId, "--builder-id") ?? UNSTATED_BUILDER,
    buildType: readUri(facts.buildType, "--build-type") ?? OWN_BUILD_TYPE,
    source: readUri(facts.source, "--source"),
    commit: readCommit(facts.commitSha, "--commit-sha"),
    parameters: sortedMap(facts.parameters),
    tenantId: readName(facts.tenantId, "--tenant-id"),
    appId: readName(facts.appId, "--app-id"),
    buildId: readName(facts.buildId, "--build-id"),
    materials: facts.materials.map((text) => readMaterial(text, "--material")),
    startedOn,
    finishedOn,
  };
};

/** Members that a tenant chose, source aside. */
const chosen = ({ tenantId, appId, parameters }: Build) => ({
  tenantId,
  appId,
  parameters: parameters.size === 0 ? undefined : parameters,
});

/** slsa.dev/provenance/v1 */
const provenance1 = (build: Build): GoJson => {
  const { commit, source } = build;
  const commits = commit === undefined ? [] : [{ uri: source, digest: { gitCommit: commit } }];
  const materials = build.materials.map(({ uri, algorithm, hex }) => ({ uri, digest: { [algorithm]: hex } }));
  return {
    buildDefinition: {
      buildType: build.buildType,
      externalParameters: { source, ...chosen(build) },
      resolvedDependencies: unlessEmpty([...commits, ...materials]),
    },
    runDetails: {
      builder: { id: build.builderId },
      metadata: unlessBare({ invocationId: build.buildId, startedOn: build.startedOn, finishedOn: build.finishedOn }),
    },
  };
};

/** slsa.dev/provenance/v0.2, whose readers look for git commits under the name of the hash. */
const provenance02 = (build: Build): GoJson => {
  const { commit, source } = build;
  const digest = commit === undefined ? undefined : { [gitHash(commit)]: commit };
  const origin = unlessBare({ uri: source, digest });
  const materials = build.materials.map(({ uri, algorithm, hex }) => ({
    uri,
    digest: { [algorithm === "gitCommit" ? gitHash(hex) : algorithm]: hex },
  }));
  return {
    builder: { id: build.builderId },
    buildType: build.buildType,
    invocation: unlessBare({ configSource: origin, parameters: unlessBare(chosen(build)) }),
    metadata: unlessBare({
      buildInvocationId: build.buildId,
      buildStartedOn: build.startedOn,
      buildFinishedOn: build.finishedOn,
    }),
    materials: unlessEmpty([...(digest === undefined || origin === undefined ? [] : [origin]), ...materials]),
  };
};

const gitHash = (hex: string): string => (hex.length === 40 ? "sha1" : "sha256");

const unlessEmpty = <T>(list: readonly T[]): readonly T[] | undefined => (list.length === 0 ? undefined : list);

const unlessBare = <T extends object>(members: T): T | undefined =>
  Object.values(members).every((value) => value === undefined) ? undefined : members;
