import { PREDICATE_TYPES } from "#claims/predicateType.ts";
import type { Ctx } from "#core/ctx.ts";
import { hasCode } from "#core/errors.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { Json } from "#core/strictJson.ts";
import type { Build, Tenant } from "#records/build.ts";
import type { IssuedPaper } from "#records/paper.ts";
import type { Records } from "#records/recordStore.ts";
import { isPaperOfBuild } from "#app/isPaperOfBuild.ts";
import type { ServiceDeps } from "#app/serviceDeps.ts";

export interface BuildPapersInput {
  readonly tenant: Tenant;
  readonly app: string;
  readonly build: string;
}

/** A build and what is kept of its image, newest first. */
export interface BuildPapers {
  readonly build: Build;
  readonly papers: readonly IssuedPaper[];
  /** The newest CycloneDX document; undefined for an index, whose images have theirs. */
  readonly sbom: IssuedPaper | undefined;
  readonly provenance: IssuedPaper | undefined;
  /** Those that speak for this build: see `isPaperOfBuild`. */
  readonly signatures: readonly IssuedPaper[];
}

/** The papers of a build's image; undefined where the tenant has no such build. */
export const buildPapers =
  (deps: Pick<ServiceDeps, "store">) =>
  (ctx: Ctx, { tenant, app, build: id }: BuildPapersInput): Promise<BuildPapers | undefined> =>
    deps.store.read(ctx, async (records) => {
      const build = await records.builds.find(tenant, app, id);
      if (build === undefined) return undefined;
      const found = build.image === undefined ? [] : await records.papers.list(tenant, build.image.digest);
      const papers = found.toSorted(newestOf(build));
      return {
        build,
        papers,
        sbom: papers.find(({ predicateType }) => predicateType === PREDICATE_TYPES.cyclonedx),
        provenance: await findProvenance(records, build, papers),
        signatures: papers.filter((paper) => paper.kind === "signature" && isPaperOfBuild(paper, build)),
      };
    });

/** The same digest may be in another repository, too: what lies beside the build's own image comes first. */
const newestOf =
  ({ image }: Build) =>
  (a: IssuedPaper, b: IssuedPaper): number => {
    const away = (paper: IssuedPaper): number => (paper.repository === image?.repository ? 0 : 1);
    return away(a) - away(b) || b.verifiedAt - a.verifiedAt || (a.payload < b.payload ? -1 : 1);
  };

const PROVENANCE: readonly string[] = [PREDICATE_TYPES.slsaprovenance1, PREDICATE_TYPES.slsaprovenance02];

/** The one that names this build; another build of the same digest has a provenance of its own, which is not this one's. */
const findProvenance = async (
  records: Records,
  build: Build,
  papers: readonly IssuedPaper[],
): Promise<IssuedPaper | undefined> => {
  const all = papers.filter(({ predicateType }) => PROVENANCE.includes(predicateType));
  let silent: IssuedPaper | undefined;
  for (const paper of all) {
    const document = paper.predicate === undefined ? undefined : await records.documents.get(paper.predicate);
    const said = document === undefined ? {} : namesIn(document.bytes);
    if (said.build === build.id && (said.app ?? build.app) === build.app) return paper;
    if (said.build === undefined) silent ??= paper;
  }
  return silent;
};

interface BuildNames {
  readonly build?: string | undefined;
  readonly app?: string | undefined;
}

/** The build and the app that a provenance names (SLSA v1 and v0.2, as `writeProvenance` writes them). */
const namesIn = (predicate: Uint8Array): BuildNames => {
  try {
    const value = parseStrict(predicate, "provenance");
    return {
      build: textAt(value, "runDetails", "metadata", "invocationId") ?? textAt(value, "metadata", "buildInvocationId"),
      app:
        textAt(value, "buildDefinition", "externalParameters", "appId") ??
        textAt(value, "invocation", "parameters", "appId"),
    };
  } catch (error) {
    if (!hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED")) throw error;
    return {};
  }
};

const textAt = (value: Json, ...path: readonly string[]): string | undefined => {
  const found = path.reduce<Json | undefined>((at, name) => (isJsonObject(at) ? at[name] : undefined), value);
  return typeof found === "string" ? found : undefined;
};
