import { PREDICATE_TYPES } from "#claims/predicateType.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Build, Tenant } from "#records/build.ts";
import type { IssuedPaper } from "#records/paper.ts";
import { isPaperOfBuild } from "#app/isPaperOfBuild.ts";
import { isProvenance } from "#app/provenanceNames.ts";
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
  /** The newest CycloneDX document; that of an index links those of its images. */
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
        provenance: findProvenance(build, papers),
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

/** The one that names this build; another build of the same digest has a provenance of its own, which is not this one's. */
const findProvenance = (build: Build, papers: readonly IssuedPaper[]): IssuedPaper | undefined => {
  const all = papers.filter((paper) => isProvenance(paper.predicateType) && isPaperOfBuild(paper, build));
  return all.find(({ annotations }) => annotations["build_id"] !== undefined) ?? all[0];
};
