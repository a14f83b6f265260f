import { digestOf } from "#core/digest.ts";
import { isJsonObject } from "#core/strictJson.ts";
import { signerId } from "#trust/signerId.ts";
import type { ProvenClaim } from "#app/judgePapers.ts";
import { isSbomType, sbomTime, timeOfSbom } from "#app/sbomTime.ts";

/** Claims that count, and SBOMs that a newer one by the same signer took the place of. */
export interface DividedClaims {
  readonly current: readonly ProvenClaim[];
  readonly superseded: readonly ProvenClaim[];
}

/**
 * Of several SBOMs of one type by one signer the newest by the document's own time counts; of the same time, the one whose
 * payload has the greater digest, so that everybody picks the same. Other claims all count: two scans, or two reviews, are two.
 */
export const divideSboms = (claims: readonly ProvenClaim[]): DividedClaims => {
  const newest = new Map<string, ProvenClaim>();
  for (const one of claims.filter(isSbom)) {
    const known = newest.get(placeOf(one));
    if (known === undefined || isNewer(one, known)) newest.set(placeOf(one), one);
  }
  const isCurrent = (one: ProvenClaim): boolean => !isSbom(one) || newest.get(placeOf(one)) === one;
  return { current: claims.filter(isCurrent), superseded: claims.filter((one) => !isCurrent(one)) };
};

const isSbom = ({ claim }: ProvenClaim): boolean => claim.kind === "attestation" && isSbomType(claim.predicateType);

const placeOf = ({ claim }: ProvenClaim): string => `${claim.predicateType} ${signerId(claim.signer)}`;

const isNewer = (one: ProvenClaim, other: ProvenClaim): boolean => {
  const [a, b] = [timeOf(one), timeOf(other)];
  return a === b ? digestOf(one.claim.payload) > digestOf(other.claim.payload) : a > b;
};

const timeOf = ({ claim: { document } }: ProvenClaim): number =>
  timeOfSbom(sbomTime(isJsonObject(document) ? document["predicate"] : undefined));
