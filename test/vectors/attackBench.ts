import type { Candidate, Claim } from "#claims/claim.ts";
import { PREDICATE_TYPES } from "#claims/predicateType.ts";
import { writeSimpleSigning } from "#claims/simpleSigning.ts";
import { writeStatement } from "#claims/statement.ts";
import { digestOf } from "#core/digest.ts";
import type { RefusalCode } from "#trust/refusalCode.ts";
import type { Requirement, TrustMaterial } from "#trust/verifiedClaim.ts";
import { verifyClaim } from "#trust/verifyClaim.ts";
import { createTestKey, envelopeClaim } from "../fakes/testKey.ts";

const AT = new Date("2026-11-01T00:00:00Z");

export const image = digestOf("the image");
export const other = digestOf("another image");
export const key = createTestKey("ours");
export const stranger = createTestKey("stranger");
export const trust: TrustMaterial = { keys: [key.trusted] };
export const SBOM = PREDICATE_TYPES.cyclonedx;
const PREDICATE = Buffer.from('{"bomFormat":"CycloneDX"}');

export const signature: Requirement & { readonly kind: "signature" } = {
  kind: "signature",
  subject: image,
  annotations: {},
  checkClaims: true,
};
export const attestation: Requirement & { readonly kind: "attestation" } = {
  kind: "attestation",
  subject: image,
  predicateType: SBOM,
  checkClaims: true,
};
export const anyAttestation: Requirement = { ...attestation, predicateType: undefined };

export const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
export const statement = (digest = image, predicateType: string = SBOM): Uint8Array =>
  writeStatement({ subjects: [{ digest }], predicateType, predicate: PREDICATE });
export const simple = (digest = image, dockerReference = "example.com/app"): Uint8Array =>
  writeSimpleSigning({ dockerReference, digest, annotations: {} });

export const judge = (claim: Candidate, requirement: Requirement, by = trust): RefusalCode | "accepted" => {
  if (claim.kind === "unreadable") return "unreadable";
  const verdict = verifyClaim(claim, by, requirement, AT);
  return verdict.ok ? "accepted" : verdict.refusal.code;
};

export const legacy = (payload: Uint8Array): Claim => envelopeClaim([key], payload);
