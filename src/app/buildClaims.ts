import type { Build, BuildFacts, BuildImage, Tenant } from "#records/build.ts";
import { isProvenance } from "#app/provenanceNames.ts";
import { readBuildProvenance } from "#app/readBuildProvenance.ts";
import type { BuildProvenance } from "#app/readBuildProvenance.ts";
import type { ReadPaper } from "#app/readIssuedPapers.ts";

/** A build that a verified signature names. */
export interface BuildClaim extends Pick<Build, "tenant" | "app" | "id"> {
  readonly image: BuildImage;
  readonly commitSha: string | undefined;
  /** As the provenances beside the signature say them; none where no provenance names the build. */
  readonly facts: readonly BuildFacts[];
}

/** The tenant that a paper names; undefined for one that names none, as every SBOM. */
export const tenantOf = (one: ReadPaper): Tenant | undefined =>
  one.paper.kind === "signature" ? one.paper.annotations["tenant_id"] : provenanceOf(one)?.tenant;

/** The builds that an image's signatures name, with the facts out of its provenances. */
export const buildClaims = (papers: readonly ReadPaper[]): readonly BuildClaim[] =>
  papers.flatMap(({ paper }) => {
    const { tenant_id: tenant, app_id: app, build_id: id, commit_sha: commitSha } = paper.annotations;
    if (paper.kind !== "signature" || tenant === undefined || app === undefined || id === undefined) return [];
    const image: BuildImage = { repository: paper.repository, digest: paper.subject };
    const named = papers.filter(
      (one) => one.paper.annotations["app_id"] === app && one.paper.annotations["build_id"] === id,
    );
    const own = named.map(provenanceOf).filter((one) => one?.tenant === tenant);
    const facts = own.map((one) => one?.factsFor(commitSha)).filter((one) => one !== undefined);
    return [{ tenant, app, id, image, commitSha, facts }];
  });

const provenanceOf = ({ paper, documents }: ReadPaper): BuildProvenance | undefined => {
  if (paper.kind !== "attestation" || !isProvenance(paper.predicateType)) return undefined;
  const document = documents.find(({ digest }) => digest === paper.predicate);
  return document && readBuildProvenance(document.bytes);
};
