import type { FindOwners, Findings } from "#sbom/cataloger.ts";
import { mergeEdges } from "#sbom/mergeEdges.ts";
import { mergePackages } from "#sbom/mergePackages.ts";

/** The findings of several databases or files of one kind as one: packages of one id become one package. */
export const mergeFindings = (completeness: Findings["completeness"], findings: readonly Findings[]): Findings => {
  const direct = findings.flatMap((one) => one.direct ?? []);
  return {
    packages: mergePackages(findings.flatMap((one) => one.packages)),
    edges: mergeEdges(findings.flatMap((one) => one.edges)),
    unknowns: findings.flatMap((one) => one.unknowns),
    ...(findings.some((one) => one.owned !== undefined) ? { owned: joinOwners(findings) } : {}),
    completeness: findings.some((one) => one.unknowns.length > 0) ? "incomplete" : completeness,
    ...(direct.length > 0 ? { direct: [...new Set(direct)].sort() } : {}),
  };
};

/** One answer of several catalogers or databases; the later one wins where two own a file. */
export const joinOwners =
  (findings: readonly Pick<Findings, "owned">[]): FindOwners =>
  (files) =>
    new Map(findings.flatMap((one) => [...(one.owned?.(files) ?? [])]));
