import type { ProvenanceFacts } from "#claims/provenance.ts";
import type { Build } from "#records/build.ts";
import { buildAnnotations } from "#app/buildAnnotations.ts";

// A git object name in full: only that can be checked, so only that becomes a digest (SLSA v1, ResourceDescriptor).
const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i;

/** What the service signs of a build: the provenance's facts and the signature's annotations. */
export interface SignedFacts {
  readonly provenance: ProvenanceFacts;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * Of the facts as registered, nothing added: a commit that is no full name stays text, in the annotation and among the
 * external parameters, and so does the builder's name; `builderId` is the URI of the platform that answers for all of it.
 */
export const buildProvenanceFacts = (build: Build, builderId: string): SignedFacts => {
  const { source, commitSha, builder, parameters } = build.facts;
  const isFull = commitSha !== undefined && COMMIT.test(commitSha);
  const texts = { commit_sha: isFull ? undefined : commitSha, builder };
  const known = Object.entries(texts).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const provenance: ProvenanceFacts = {
    source,
    commitSha: isFull ? commitSha.toLowerCase() : undefined,
    buildId: build.id,
    tenantId: build.tenant,
    appId: build.app,
    builderId,
    parameters: Object.fromEntries([...Object.entries(parameters), ...known]),
    materials: [],
  };
  return { provenance, annotations: buildAnnotations({ ...provenance, commitSha }) };
};
