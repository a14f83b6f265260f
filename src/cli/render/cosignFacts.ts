import type { LogEntry } from "#claims/logEntry.ts";
import type { VerifiedClaim } from "#trust/verifiedClaim.ts";

const ISSUER_OID = "1.3.6.1.4.1.57264.1.1";

// What cosign prints of a certificate beside its holder and issuer (cosign.md 5.5, 5.7).
const GITHUB_CLAIMS = [
  ["githubWorkflowTrigger", "githubWorkflowTrigger", "1.3.6.1.4.1.57264.1.2"],
  ["githubWorkflowSHA", "githubWorkflowSha", "1.3.6.1.4.1.57264.1.3"],
  ["githubWorkflowName", "githubWorkflowName", "1.3.6.1.4.1.57264.1.4"],
  ["githubWorkflowRepository", "githubWorkflowRepository", "1.3.6.1.4.1.57264.1.5"],
  ["githubWorkflowRef", "githubWorkflowRef", "1.3.6.1.4.1.57264.1.6"],
] as const;

/** What cosign adds to `optional` of a signature by a certificate or in a log; cosign itself leaves it out for bundles. */
export const cosignFacts = ({ claim, signer, proofs }: VerifiedClaim): Readonly<Record<string, unknown>> => {
  const { identity } = signer;
  const entry = typeof proofs.log === "string" ? undefined : claim.carried?.logEntries[0];
  return {
    ...(identity === undefined
      ? {}
      : {
          [ISSUER_OID]: identity.issuer,
          Issuer: identity.issuer,
          Subject: identity.subject,
          ...githubFacts(identity.claims),
        }),
    ...(entry === undefined || entry.promise === undefined ? {} : { Bundle: bundleOf(entry) }),
  };
};

const githubFacts = (claims: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    GITHUB_CLAIMS.flatMap(([name, shown, oid]) => {
      const value = claims[name];
      return value === undefined ? [] : [[oid, value] as const, [shown, value] as const];
    }),
  );

const bundleOf = ({ promise, body, integratedTime, index, logId }: LogEntry): object => ({
  SignedEntryTimestamp: Buffer.from(promise ?? []).toString("base64"),
  Payload: {
    body: Buffer.from(body ?? []).toString("base64"),
    integratedTime: Number(integratedTime ?? 0n),
    logIndex: Number(index),
    logID: Buffer.from(logId ?? []).toString("hex"),
  },
});
