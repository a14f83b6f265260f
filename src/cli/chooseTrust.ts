import type { TrustChoice } from "#app/trustChoice.ts";
import type { FlagValues } from "#cli/flag.ts";
import { readAge } from "#cli/readAge.ts";
import { readMoment } from "#cli/readMoment.ts";
import type { allTrustFlags } from "#cli/trustFlags.ts";
import { WaybillError } from "#core/errors.ts";
import type { TextRule, TrustedIdentity } from "#trust/identityRule.ts";
import type { ProofDemand } from "#trust/verifiedClaim.ts";

export type TrustValues = Omit<FlagValues<typeof allTrustFlags>, "certificate" | "sct" | "anyKey" | "atLeast"> & {
  /** Only the conformance suite asks for it. */
  readonly staging?: boolean;
};

/**
 * What flags say of whose word counts, cosign's meanings kept (cosign.md 5.1, 5.2): keys, or one identity with its issuer, or
 * trust sets. USAGE_INVALID for none of them, several, or half of an identity.
 */
export const chooseTrust = (flags: TrustValues): TrustChoice => {
  const identity = identityOf(flags);
  demandOneKind(flags, identity);
  return {
    at: readMoment(flags.at, "--at"),
    keys: flags.key,
    identity,
    sets: flags.trust,
    demand: identity === undefined ? demandOfKeys(flags) : demandOfIdentity(flags),
    roots: {
      trustedRoots: flags.trustedRoot,
      caRoots: listOf(flags.caRoots),
      caChains: listOf(flags.certificateChain),
      caIntermediates: listOf(flags.caIntermediates),
      timestampChains: listOf(flags.timestampCertificateChain),
      offline: flags.offline,
      maxRootAge: flags.maxRootAge === undefined ? undefined : readAge(flags.maxRootAge, "--max-root-age"),
      staging: flags.staging ?? false,
    },
  };
};

const listOf = (...values: readonly (string | undefined)[]): readonly string[] =>
  values.filter((value) => value !== undefined);

const demandOneKind = (flags: TrustValues, identity: TrustedIdentity | undefined): void => {
  const kinds = [
    ...(flags.key.length > 0 ? ["--key"] : []),
    ...(identity === undefined ? [] : ["--certificate-identity"]),
    ...(flags.trust.length > 0 ? ["--trust"] : []),
  ];
  if (kinds.length === 1) return;
  if (kinds.length > 1)
    throw new WaybillError("USAGE_INVALID", `${kinds.join(" and ")} are given: which of them must have signed?`, {
      hint: "Give keys, or an identity with its issuer, or trust sets that name both.",
    });
  throw new WaybillError("USAGE_INVALID", "--key, --certificate-identity or --trust is required", {
    hint: "Say who must have signed: --key cosign.pub, or --certificate-identity NAME with --certificate-oidc-issuer URL.",
  });
};

const exact = (value: string | undefined): readonly TextRule[] =>
  value === undefined ? [] : [{ kind: "exact", value }];
const pattern = (source: string | undefined): readonly TextRule[] =>
  source === undefined ? [] : [{ kind: "pattern", source }];

// By the names of their extensions (cosign.md 5.5).
const CLAIMS = {
  githubWorkflowTrigger: "certificateGithubWorkflowTrigger",
  githubWorkflowSHA: "certificateGithubWorkflowSha",
  githubWorkflowName: "certificateGithubWorkflowName",
  githubWorkflowRepository: "certificateGithubWorkflowRepository",
  githubWorkflowRef: "certificateGithubWorkflowRef",
} as const;

const identityOf = (flags: TrustValues): TrustedIdentity | undefined => {
  const subject = [...exact(flags.certificateIdentity), ...pattern(flags.certificateIdentityRegexp)];
  const issuer = [...exact(flags.certificateOidcIssuer), ...pattern(flags.certificateOidcIssuerRegexp)];
  const claims = Object.fromEntries(
    Object.entries(CLAIMS).flatMap(([name, property]) => {
      const value = flags[property];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
  if (subject.length + issuer.length + Object.keys(claims).length === 0) return undefined;
  if (subject.length === 0) throw lacks("--certificate-identity or --certificate-identity-regexp");
  if (issuer.length === 0) throw lacks("--certificate-oidc-issuer or --certificate-oidc-issuer-regexp");
  return { name: flags.certificateIdentity ?? `/${flags.certificateIdentityRegexp}/`, subject, issuer, claims };
};

const lacks = (names: string): WaybillError =>
  new WaybillError("USAGE_INVALID", `${names} is required for verification in keyless mode`, {
    hint: "A name says nothing without who vouched for it: give both.",
  });

const demandOfIdentity = (flags: TrustValues): ProofDemand => ({
  logs: flags.insecureIgnoreTlog === true || flags.privateInfrastructure ? undefined : 1,
  timestamps: flags.useSignedTimestamps ? 1 : 0,
  scts: flags.insecureIgnoreSct ? undefined : 1,
});

/** A key needs no other proof, so that nothing is looked at unless somebody says by whose word. */
const demandOfKeys = (flags: TrustValues): ProofDemand | undefined => {
  const isGiven = flags.trustedRoot.length > 0;
  const logs =
    flags.insecureIgnoreTlog === false ? 1 : isGiven && flags.insecureIgnoreTlog === undefined ? 0 : undefined;
  const isStamped = isGiven || flags.timestampCertificateChain !== undefined;
  const timestamps = flags.useSignedTimestamps ? 1 : isStamped ? 0 : undefined;
  return logs === undefined && timestamps === undefined ? undefined : { logs, timestamps, scts: undefined };
};
