import { judgeCandidate } from "#app/judgePapers.ts";
import type { ReadPaper } from "#app/blobPapers.ts";
import type { DsseClaim, MessageClaim } from "#claims/claim.ts";
import type { Digest } from "#core/digest.ts";
import { digestOf, parseDigest } from "#core/digest.ts";
import type { Message } from "#core/message.ts";
import type { Fault } from "#trust/fault.ts";
import { NEARNESS } from "#trust/refusalCode.ts";
import type { RefusalCode } from "#trust/refusalCode.ts";
import { saidBy } from "#trust/saidBy.ts";
import type { ClaimSigner, Proofs, Requirement, TrustMaterial, VerifiedClaim } from "#trust/verifiedClaim.ts";
import { verifyMessage } from "#trust/verifyMessage.ts";

/** What must be said about a file. */
export type WantedOfBlob =
  | {
      readonly kind: "signature";
      /** Exactly this hash must have been signed over; undefined: the key's own, or SHA-256. */
      readonly hash: string | undefined;
    }
  | {
      readonly kind: "attestation";
      /** Undefined: any type. */ readonly predicateType: string | undefined;
      readonly checkClaims: boolean;
    };

/** What is known of the file itself. */
export interface BlobSubject {
  readonly digest: Digest | undefined;
  /** Undefined where the file was not read. */
  readonly message: Message | undefined;
}

/** One signer's word about the file. */
export interface BlobProof {
  /** How the paper is called. */
  readonly paper: string;
  readonly signer: ClaimSigner;
  /** Equal where two keys say the same (`saidBy`). */
  readonly said: string;
  /** The statement; undefined for a signature over the file's bytes. */
  readonly claim: VerifiedClaim | undefined;
  readonly proofs: Proofs;
}

/** Why a paper does not count. */
export interface PaperRefusal {
  readonly paper: string;
  readonly code: RefusalCode;
  readonly nearness: number;
  readonly reason: string;
}

export interface BlobAnswer {
  readonly proofs: readonly BlobProof[];
  readonly refusal: PaperRefusal | undefined;
}

/** Judges one paper about one file. A statement is a signature only where it is of cosign's signature type. */
export const judgeBlobPaper = (
  { name, candidate }: ReadPaper,
  subject: BlobSubject,
  trust: TrustMaterial,
  wanted: WantedOfBlob,
  at: Date,
): BlobAnswer => {
  if (candidate.kind === "unreadable") return refuse(name, { code: "unreadable", reason: candidate.reason });
  return candidate.kind === "message"
    ? judgeMessage(name, candidate, subject, trust, wanted, at)
    : judgeStatement(name, candidate, subject, trust, wanted, at);
};

// All signatures over the file's bytes say the same of it, as statements of the signature's type do.
const SIGNED = "signed";

const judgeMessage = (
  paper: string,
  claim: MessageClaim,
  { message }: BlobSubject,
  trust: TrustMaterial,
  wanted: WantedOfBlob,
  at: Date,
): BlobAnswer => {
  if (wanted.kind === "attestation" || message === undefined)
    return refuse(paper, {
      code: "not-an-attestation",
      reason: "it signs the file itself; an attestation was asked for",
    });
  const verdict = verifyMessage(claim, message, trust, { at, hash: wanted.hash });
  if (!verdict.ok) return refuse(paper, verdict.fault);
  return {
    proofs: [{ paper, signer: verdict.signer, said: SIGNED, claim: undefined, proofs: verdict.proofs }],
    refusal: undefined,
  };
};

const judgeStatement = (
  paper: string,
  claim: DsseClaim,
  { digest, message }: BlobSubject,
  trust: TrustMaterial,
  wanted: WantedOfBlob,
  at: Date,
): BlobAnswer => {
  // Where no subject is compared any digest will do; a statement about nothing names this one.
  const subject = digest ?? digestOf("");
  const sha512 = sha512Of(message);
  const requirement: Requirement =
    wanted.kind === "attestation"
      ? { kind: "attestation", subject, sha512, predicateType: wanted.predicateType, checkClaims: wanted.checkClaims }
      : { kind: "signature", subject, annotations: {}, checkClaims: true };
  const answer = judgeCandidate(claim, trust, requirement, at);
  if (answer.kind === "refused") return refuse(paper, aboutFiles(answer.refusal));
  const proofs = answer.claims.map((verified) => ({
    paper,
    signer: verified.signer,
    said: verified.kind === "signature" ? SIGNED : saidBy(verified),
    claim: verified,
    proofs: verified.proofs,
  }));
  return { proofs, refusal: undefined };
};

const sha512Of = (message: Message | undefined): Digest | undefined => {
  const value = message?.digests.get("sha512");
  return value === undefined ? undefined : parseDigest(`sha512:${Buffer.from(value).toString("hex")}`);
};

/** Who looks for a signature and finds an attestation should know where to look. */
const aboutFiles = ({ code, reason }: Fault): Fault =>
  code === "not-a-signature"
    ? {
        code,
        reason: `${reason.replace(/, which is no image signature$/, "")}: an attestation, for verify-blob-attestation`,
      }
    : { code, reason };

const refuse = (paper: string, { code, reason }: Fault): BlobAnswer => ({
  proofs: [],
  refusal: { paper, code, nearness: NEARNESS[code], reason },
});
