import type { BlobOutcome } from "#app/overBlobs.ts";
import type { BlobProof, PaperRefusal } from "#app/judgeBlobPaper.ts";
import { proofsJson, signerJson } from "#cli/render/proofs.ts";
import type { BlobVerdict } from "#app/verifyBlobs.ts";

type Checked = BlobOutcome<BlobVerdict>;

/** One document on every file, for programs. */
export const blobReportJson = (checked: readonly Checked[]): object =>
  Object.fromEntries(checked.map((one) => [one.blob, one.kind === "done" ? verdictJson(one.value) : failureJson(one)]));

const verdictJson = ({ digest, ok, proofs, others, signers, refusals }: BlobVerdict): object => ({
  ...(digest === undefined ? {} : { digest }),
  verified: ok,
  signers: { needed: signers.needed, signed: signers.signed, missing: signers.missing },
  papers: proofs.map(proofJson),
  ...(others.length === 0 ? {} : { others: others.map(proofJson) }),
  refusals: refusals.map(({ paper, code, reason }) => ({ paper, code, reason })),
});

const proofJson = ({ paper, signer, claim, proofs }: BlobProof): object => ({
  paper,
  kind: claim?.kind ?? "signature",
  ...(claim?.kind === "attestation" ? { predicateType: claim.predicateType } : {}),
  ...signerJson(signer),
  proofs: proofsJson(proofs),
});

const failureJson = ({ error }: Checked & { readonly kind: "failed" }): object => ({
  verified: null,
  error: { code: error.code, message: error.message, hint: error.hint },
});

/** `OK-signed FILE`, `FAIL-not-signed FILE`, or `ERROR-CODE FILE` where nobody can tell. */
export const blobLine = (one: Checked): string => {
  if (one.kind === "failed") return `ERROR-${one.error.code} ${one.blob}`;
  return `${one.value.ok ? "OK-signed" : "FAIL-not-signed"} ${one.blob}`;
};

/** Which paper, and why it does not count. */
export const paperRefusalLine = ({ paper, reason }: PaperRefusal): string => `  ${paper}: ${reason}`;

/** Which key signed which paper, where several keys were given: of one key there is nothing to tell apart. */
export const blobSignerLines = ({ signers, proofs }: BlobVerdict): readonly string[] => {
  if (signers.signed.length + signers.missing.length < 2) return [];
  return [
    ...proofs.map(({ signer, paper }) => `signed by ${signer.name}: ${paper}`),
    ...signers.missing.map((name) => `not signed by ${name}`),
  ];
};
