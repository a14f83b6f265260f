import type { Claim } from "#claims/claim.ts";
import { SIGNATURE_TYPE } from "#claims/predicateType.ts";
import { SIMPLE_SIGNING_TYPE } from "#claims/simpleSigning.ts";
import { digestAlgorithm } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { isFault, quoted } from "#trust/fault.ts";
import type { Fault } from "#trust/fault.ts";
import { NEARNESS } from "#trust/refusalCode.ts";
import { readSigned, signedPayload } from "#trust/readSigned.ts";
import type { Signed } from "#trust/readSigned.ts";
import { signedEnvelope, signedSimple } from "#trust/signedInput.ts";
import type { ClaimVerdict, Requirement, TrustMaterial } from "#trust/verifiedClaim.ts";
import { verifySigner } from "#trust/verifySigner.ts";

/**
 * Judges one claim; synchronous, no I/O. In this order: shape of the envelope, signature of a trusted key or identity over
 * exactly the carried bytes with every proof that is demanded, strict parse of exactly these bytes, type, subject,
 * annotations. Nothing of a claim is believed before its signature; what cannot be read is refused. A "no" is a value and
 * carries its reason. `at` is the time of verification.
 */
export const verifyClaim = (claim: Claim, trust: TrustMaterial, requirement: Requirement, at: Date): ClaimVerdict => {
  const shape = checkShape(claim, requirement);
  if (shape !== undefined) return refuse(claim, shape);
  const verdict = verifySigner(claim.kind === "dsse" ? signedEnvelope(claim) : signedSimple(claim), trust, at);
  if (isFault(verdict)) return refuse(claim, verdict);
  const signed = readSigned(claim);
  if (isFault(signed)) return refuse(claim, signed);
  const fault = checkType(claim, signed, requirement) ?? checkClaims(signed, requirement);
  if (fault !== undefined) return refuse(claim, fault);
  const named = signed.subjects.find((one) => isAbout(one, requirement));
  const subject = named ?? signed.subjects.find(({ digest }) => digest !== undefined);
  return {
    ok: true,
    claim: {
      kind: requirement.kind,
      found: claim.found,
      claim,
      ...verdict,
      subject: named === undefined ? subject?.digest : requirement.subject,
      subjects: signed.subjects.flatMap(({ digest }) => digest ?? []),
      annotations: subject?.annotations ?? {},
      predicateType: signed.type,
      predicateBytes: signed.predicateBytes,
      document: signed.document,
      payload: signedPayload(claim),
    },
  };
};

const refuse = (claim: Claim, { code, reason }: Fault): ClaimVerdict => ({
  ok: false,
  refusal: { found: claim.found, code, nearness: NEARNESS[code], reason },
});

const checkShape = (claim: Claim, requirement: Requirement): Fault | undefined => {
  if (claim.kind === "simple-signing") {
    if (requirement.kind === "signature") return undefined;
    return { code: "not-an-attestation", reason: "it is an image signature; an attestation was asked for" };
  }
  const { payloadType, signatures } = claim.envelope;
  // Attack 13: the type is signed together with the payload and says how to read it.
  if (payloadType !== MEDIA_TYPE.inToto) {
    return { code: "payload-type", reason: `its payload is ${quoted(payloadType)}, not ${MEDIA_TYPE.inToto}` };
  }
  // DSSE allows several signatures, a Sigstore bundle exactly one (cosign.md 2.3).
  if (signatures.length === 0 || (claim.found.form === "bundle" && signatures.length > 1)) {
    return { code: "signature-count", reason: `its envelope holds ${signatures.length} signatures` };
  }
  return undefined;
};

/** Attacks 11 and 12: an attestation never counts as a signature, a signature never as an attestation. */
const checkType = (claim: Claim, signed: Signed, requirement: Requirement): Fault | undefined => {
  if (requirement.kind === "signature") {
    const wanted = claim.kind === "simple-signing" ? SIMPLE_SIGNING_TYPE : SIGNATURE_TYPE;
    if (signed.type === wanted) return undefined;
    return { code: "not-a-signature", reason: `it says ${quoted(signed.type)}, which is no image signature` };
  }
  if (signed.type === SIGNATURE_TYPE) {
    return { code: "not-an-attestation", reason: "it is an image signature; an attestation was asked for" };
  }
  if (requirement.predicateType === undefined || signed.type === requirement.predicateType) return undefined;
  const reason = `it is of type ${quoted(signed.type)}, not ${quoted(requirement.predicateType)}`;
  return { code: "predicate-type", reason };
};

const checkClaims = (signed: Signed, requirement: Requirement): Fault | undefined => {
  if (!requirement.checkClaims) return undefined;
  const matching = signed.subjects.filter((one) => isAbout(one, requirement));
  const [subject] = matching;
  if (subject === undefined) {
    const others = signed.subjects.slice(0, 3).map(({ digest, sha512 }) => digest ?? sha512);
    const named = others.length === 0 ? "no sha256 digest" : others.join(", ");
    const isLong = signed.subjects.length > 0 && signed.subjects.every(({ digest }) => digest === undefined);
    const asked =
      (isLong && requirement.kind === "attestation" ? requirement.sha512 : undefined) ?? requirement.subject;
    return { code: "subject", reason: `it speaks of ${named}, not of ${asked}` };
  }
  if (requirement.kind === "attestation") return undefined;
  // Two sets of annotations for one image: which one counts would depend on the reader.
  if (matching.length > 1) return { code: "subject", reason: `it names ${requirement.subject} more than once` };
  return checkAnnotations(subject.annotations, requirement.annotations);
};

/**
 * Whether a subject is the one that was asked for: by one digest of it at least, and contradicted by none. An image has a sha256
 * alone, so that no other digest of a subject ever makes it that image's.
 */
const isAbout = ({ digest, sha512 }: Signed["subjects"][number], requirement: Requirement): boolean => {
  const wanted = [requirement.subject, ...(requirement.kind === "attestation" ? [requirement.sha512] : [])];
  const same = [digest, sha512].flatMap((there) => {
    const asked = wanted.find((one) => one !== undefined && digestAlgorithm(one) === algorithmOf(there));
    return asked === undefined ? [] : [asked === there];
  });
  return same.length > 0 && same.every(Boolean);
};

const algorithmOf = (digest: Digest | undefined) => (digest === undefined ? undefined : digestAlgorithm(digest));

type Annotations = Readonly<Record<string, string>>;

const checkAnnotations = (signed: Annotations, wanted: Annotations): Fault | undefined => {
  for (const [name, value] of Object.entries(wanted)) {
    const there = Object.hasOwn(signed, name) ? signed[name] : undefined;
    if (there === value) continue;
    const reason =
      there === undefined
        ? `it has no annotation ${quoted(name)}; ${quoted(value)} is asked for`
        : `its annotation ${quoted(name)} is ${quoted(there)}, not ${quoted(value)}`;
    return { code: "annotations", reason };
  }
  return undefined;
};
