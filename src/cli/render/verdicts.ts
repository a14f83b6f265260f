import type { ProvenClaim } from "#app/judgePapers.ts";
import type { CheckedImage, ImageVerdict } from "#app/verifyImages.ts";
import type { Refusal } from "#trust/verifiedClaim.ts";

/** cosign's JSON for one verified signature: the payload itself, or for a bundle what cosign makes of its statement. */
export const signatureJson = (reference: string, { digest }: ImageVerdict, { claim }: ProvenClaim): unknown =>
  claim.claim.kind === "simple-signing"
    ? claim.document
    : {
        critical: {
          identity: { "docker-reference": reference },
          image: { "docker-manifest-digest": digest },
          type: claim.predicateType,
        },
        optional: claim.annotations,
      };

/** One document on every reference, for programs. */
export const reportJson = (checked: readonly CheckedImage[]): object =>
  Object.fromEntries(
    checked.map((one) =>
      one.kind === "decided" ? [one.verdict.reference, verdictJson(one.verdict)] : [one.reference, undecidedJson(one)],
    ),
  );

const verdictJson = ({ digest, ok, claims, refusals }: ImageVerdict): object => ({
  digest,
  verified: ok,
  claims: claims.map(({ claim, copies }) => ({
    kind: claim.kind,
    // The two forms of a signature have types of their own, and are one claim.
    ...(claim.kind === "signature" ? {} : { predicateType: claim.predicateType }),
    signer: claim.signer.name,
    scheme: claim.signer.scheme,
    annotations: claim.annotations,
    forms: copies.map((found) => ({
      form: found.form,
      manifest: found.manifest,
      ...(found.tag === undefined ? {} : { tag: found.tag }),
    })),
    proofs: claim.proofs,
  })),
  refusals: refusals.map((refusal) => ({
    form: refusal.found.form,
    manifest: refusal.found.manifest,
    code: refusal.code,
    reason: refusal.reason,
  })),
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
export const refusalLine = ({ found, reason }: Refusal): string => {
  const place =
    found.tag === undefined
      ? `bundle ${found.manifest}`
      : `${found.tag}${found.layer === undefined ? "" : ` layer ${found.layer}`}`;
  return `  ${place}: ${reason}`;
};

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
  "  - The signatures were verified against the specified public key",
  "log: not checked",
  "timestamp: not checked",
];
