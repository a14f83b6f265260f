import type { ProvenanceFacts } from "#claims/provenance.ts";

/** The four facts that go into the signature's annotations, so that `verify -a` can pin them (builders.md A12 to A14). */
export const buildAnnotations = (facts: ProvenanceFacts): Readonly<Record<string, string>> => {
  const pairs = [
    ["tenant_id", facts.tenantId],
    ["app_id", facts.appId],
    ["commit_sha", facts.commitSha],
    ["build_id", facts.buildId],
  ] as const;
  return Object.fromEntries(
    pairs.flatMap(([name, value]) => (value === undefined || value === "" ? [] : [[name, value]])),
  );
};
