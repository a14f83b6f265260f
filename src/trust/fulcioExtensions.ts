import { readDerValue } from "#claims/strictDer.ts";
import { hasCode } from "#core/errors.ts";
import { readDerText, readText } from "#trust/alternativeNames.ts";
import type { Certificate } from "#trust/certificate.ts";
import { quoted } from "#trust/fault.ts";
import type { Fault } from "#trust/fault.ts";

// Fulcio's arc, and what stands at each number (cosign.md 5.5), by the names that sigstore-go prints. 7 is a kind of name.
const ARC = "1.3.6.1.4.1.57264.1";
const NUMBERS = {
  githubWorkflowTrigger: 2,
  githubWorkflowSHA: 3,
  githubWorkflowName: 4,
  githubWorkflowRepository: 5,
  githubWorkflowRef: 6,
  buildSignerURI: 9,
  buildSignerDigest: 10,
  runnerEnvironment: 11,
  sourceRepositoryURI: 12,
  sourceRepositoryDigest: 13,
  sourceRepositoryRef: 14,
  sourceRepositoryIdentifier: 15,
  sourceRepositoryOwnerURI: 16,
  sourceRepositoryOwnerIdentifier: 17,
  buildConfigURI: 18,
  buildConfigDigest: 19,
  buildTrigger: 20,
  runInvocationURI: 21,
  sourceRepositoryVisibilityAtSigning: 22,
} as const;
const OLD_ISSUER = `${ARC}.1`;
const ISSUER = `${ARC}.8`;

/** What Fulcio says about an identity, besides its issuer. */
export type FulcioClaimName = keyof typeof NUMBERS;

export const isFulcioClaim = (name: string): name is FulcioClaimName => Object.hasOwn(NUMBERS, name);

export interface FulcioClaims {
  /** Whose tokens Fulcio believed: the extension .8, else .1; undefined where the certificate does not say. */
  readonly issuer: string | undefined;
  /** Those that are in the certificate. */
  readonly claims: Readonly<Partial<Record<FulcioClaimName, string>>>;
}

const NAMES = Object.keys(NUMBERS).filter(isFulcioClaim);
const OIDS = NAMES.map((name) => [name, `${ARC}.${NUMBERS[name]}`, NUMBERS[name] < 8] as const);

/**
 * What Fulcio vouched for. A fault where an extension is not in its form, bare text up to .6 and UTF8String from .8 on, or
 * where the two that name the issuer differ: then one client would believe one of them, and another the other.
 */
export const readFulcioClaims = (certificate: Certificate): FulcioClaims | Fault => {
  try {
    const old = readClaim(certificate, OLD_ISSUER, true);
    const issuer = readClaim(certificate, ISSUER, false);
    if (old !== undefined && issuer !== undefined && old !== issuer) {
      return {
        code: "identity-issuer",
        reason: `its certificate names two issuers, ${quoted(old)} and ${quoted(issuer)}`,
      };
    }
    const claims = OIDS.flatMap(([name, oid, isBare]) => {
      const value = readClaim(certificate, oid, isBare);
      return value === undefined ? [] : [[name, value] as const];
    });
    return { issuer: issuer ?? old, claims: Object.fromEntries(claims) };
  } catch (error) {
    if (!hasCode(error, "INPUT_INVALID")) throw error;
    return { code: "certificate-malformed", reason: error.message };
  }
};

const readClaim = ({ extensions }: Certificate, oid: string, isBare: boolean): string | undefined => {
  const value = extensions.get(oid)?.value;
  if (value === undefined) return undefined;
  const what = `the extension ${oid} of its certificate`;
  return isBare ? readText(value, what) : readDerText(readDerValue(value, what), what);
};
