import type { TrustPart } from "#trust/demandTrust.ts";
import type { TrustRoot } from "#trust/trustRoot.ts";
import type { ProofDemand } from "#trust/verifiedClaim.ts";

/** What a root must name somebody for, so that a demand can be met at all. */
export const neededParts = ({ logs, timestamps, scts }: ProofDemand, isCertified: boolean): readonly TrustPart[] => [
  ...(isCertified ? (["certificates"] as const) : []),
  ...(isCertified && (scts ?? 0) > 0 ? (["certificate logs"] as const) : []),
  ...((logs ?? 0) > 0 ? (["signature logs"] as const) : []),
  ...((timestamps ?? 0) > 0 ? (["timestamps"] as const) : []),
];

const MEMBERS = ["certificateAuthorities", "timestampAuthorities", "logs", "ctLogs"] as const;

/** The root with what was given by single files in place of what it says of the same. */
export const replaceTrust = (root: TrustRoot, given: TrustRoot): TrustRoot => {
  const replaced = MEMBERS.filter((member) => given[member].length > 0);
  if (replaced.length === 0) return root;
  const members = Object.fromEntries(replaced.map((member) => [member, given[member]]));
  return { ...root, ...members, source: `${given.source}, and ${root.source}` };
};
