import type { ProvenClaim } from "#app/judgePapers.ts";
import type { CheckedImage, ImageVerdict } from "#app/verifyImages.ts";
import type { Found } from "#claims/claim.ts";
import { cosignFacts } from "#cli/render/cosignFacts.ts";
import { proofLines, proofsJson, signerJson } from "#cli/render/proofs.ts";
import type { Json } from "#core/strictJson.ts";
import type { Refusal, VerifiedClaim } from "#trust/verifiedClaim.ts";

/**
 * cosign's JSON for one verified signature: the payload itself, or for a bundle what cosign makes of its statement, and in
 * `optional` what a certificate says.
 */
export const signatureJson = (reference: string, { digest }: ImageVerdict, { claim }: ProvenClaim): unknown => {
  const facts = cosignFacts(claim);
  if (claim.claim.kind === "simple-signing") return withOptional(claim.document, facts);
  return {
    critical: {
      identity: { "docker-reference": reference },
      image: { "docker-manifest-digest": digest },
      type: claim.predicateType,
    },
    optional: { ...claim.annotations, ...facts },
  };
};

/** Of a simple-signing payload, which is an object or would not have been verified. */
const withOptional = (document: Json, facts: Readonly<Record<string, unknown>>): unknown => {
  if (Object.keys(facts).length === 0) return document;
  const payload = document as { readonly optional?: object | null };
  return { ...payload, optional: { ...payload.optional, ...facts } };
};

/** One document on every reference, for programs. */
export const reportJson = (checked: readonly CheckedImage[]): object =>
  Object.fromEntries(
    checked.map((one) =>
      one.kind === "decided" ? [one.verdict.reference, verdictJson(one.verdict)] : [one.reference, undecidedJson(one)],
    ),
  );

const verdictJson = ({ digest, ok, claims, superseded, others, signers, refusals }: ImageVerdict): object => ({
  digest,
  verified: ok,
  signers: { needed: signers.needed, signed: signers.signed, missing: signers.missing },
  claims: claims.map(claimJson),
  ...(superseded.length === 0 ? {} : { superseded: superseded.map(claimJson) }),
  ...(others.length === 0 ? {} : { others: others.map(claimJson) }),
  refusals: refusals.map((refusal) => ({
    form: refusal.found.form,
    manifest: refusal.found.manifest,
    code: refusal.code,
    reason: refusal.reason,
  })),
});

const claimJson = ({ claim, copies }: ProvenClaim): object => ({
  kind: claim.kind,
  // The two forms of a signature have types of their own, and are one claim.
  ...(claim.kind === "signature" ? {} : { predicateType: claim.predicateType }),
  ...signerJson(claim.signer),
  annotations: claim.annotations,
  forms: copies.map((found) => ({
    form: found.form,
    manifest: found.manifest,
    ...(found.tag === undefined ? {} : { tag: found.tag }),
    ...(found.file === undefined ? {} : { file: found.file }),
  })),
  proofs: proofsJson(claim.proofs),
});

const undecidedJson = (one: CheckedImage & { readonly kind: "undecided" }): object => ({
  verified: null,
  error: { code: one.error.code, message: one.error.message, hint: one.error.hint },
});

/** `OK-signed REF`, `FAIL-not-signed REF`, or `ERROR-CODE REF` where nobody can tell. */
export const verdictLine = (one: CheckedImage): string => {
  if (one.kind === "undecided") return `ERROR-${one.error.code} ${one.reference}`;
  return `${one.verdict.ok ? "OK-signed" : "FAIL-not-signed"} ${one.verdict.reference}`;
};

/** Which paper, and why it does not count. */
export const refusalLine = ({ found, reason }: Refusal): string => `  ${placeOf(found)}: ${reason}`;

const placeOf = ({ file, tag, layer, manifest }: Found): string =>
  file ?? (tag === undefined ? `bundle ${manifest}` : `${tag}${layer === undefined ? "" : ` layer ${layer}`}`);

/** What was checked, in cosign's words where it has them. */
export const checksOf = (
  verdict: ImageVerdict,
  asked: { readonly annotations: boolean; readonly checkClaims: boolean },
): readonly string[] => [
  "",
  `Verification for ${verdict.reference} --`,
  "The following checks were performed on each of these signatures:",
  ...(asked.annotations ? ["  - The specified annotations were verified."] : []),
  ...(asked.checkClaims ? ["  - The cosign claims were validated"] : []),
  ...proofsChecked(verdict),
  ...provenLines(verdict.claims.map(({ claim }) => claim)),
];

/** cosign's words for what was proven. */
const proofsChecked = ({ claims, signers }: ImageVerdict): readonly string[] => {
  const isKeyed = claims.some(({ claim }) => claim.signer.identity === undefined);
  const isCertified = claims.some(({ claim }) => claim.signer.identity !== undefined);
  const isLogged = claims.some(({ claim }) => typeof claim.proofs.log !== "string");
  return [
    ...(isLogged ? ["  - Existence of the claims in the transparency log was verified offline"] : []),
    ...(isKeyed
      ? [`  - The signatures were verified against the specified public key${signers.needed > 1 ? "s" : ""}`]
      : []),
    ...(isCertified
      ? ["  - The code-signing certificate was verified using trusted certificate authority certificates"]
      : []),
  ];
};

/** What proves each claim; of those that nothing but a key proves there is one thing to say. */
export const provenLines = (proven: readonly Pick<VerifiedClaim, "signer" | "proofs">[]): readonly string[] => {
  const distinct = new Map(proven.map((one) => [JSON.stringify(proofLines(one)), proofLines(one)] as const));
  return [...distinct.values()].flat();
};

/** Which key signed which paper, where several keys were given: of one key there is nothing to tell apart. */
export const signerLines = ({ signers, claims }: ImageVerdict): readonly string[] => {
  if (signers.signed.length + signers.missing.length < 2) return [];
  return [
    ...claims.map(({ claim, copies }) => `signed by ${claim.signer.name}: ${copies.map(placeOf).join(", ")}`),
    ...signers.missing.map((name) => `not signed by ${name}`),
  ];
};

/** SBOMs that are passed over, since their signers have newer ones there. */
export const supersededLines = ({ superseded }: ImageVerdict): readonly string[] =>
  superseded.map(
    ({ claim, copies }) => `superseded by a newer SBOM of ${claim.signer.name}: ${copies.map(placeOf).join(", ")}`,
  );

interface Lack extends Pick<ImageVerdict, "signers"> {
  readonly others: readonly unknown[];
}

/** Which of several keys are missing, and why those that did sign are not enough. */
export const lackLines = ({ signers, others }: Lack): readonly string[] => {
  const { signed, missing, divided, needed } = signers;
  if (others.length === 0) return missing.length < 2 ? [] : [`  nothing by ${missing.join(", ")}`];
  const absent = missing.filter((name) => !divided.includes(name));
  const different = divided.length === 0 ? "" : `; ${divided.join(", ")} signed something else`;
  const nothing = absent.length === 0 ? "" : `, but nothing by ${absent.join(", ")}`;
  const enough = signed.length + missing.length === needed ? "" : `; ${needed} keys must say the same`;
  return [`  verified by ${signed.join(", ")}${nothing}${different}${enough}`];
};
