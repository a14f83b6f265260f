import type { BlobFiles } from "#app/blobFiles.ts";
import { readBlobPapers } from "#app/blobPapers.ts";
import type { BlobPaper, ReadPaper } from "#app/blobPapers.ts";
import { judgeBlobPaper } from "#app/judgeBlobPaper.ts";
import type { BlobProof, BlobSubject, PaperRefusal, WantedOfBlob } from "#app/judgeBlobPaper.ts";
import { keptMessageBytes } from "#app/keptMessageBytes.ts";
import { demandDecided } from "#app/demandDecided.ts";
import { overBlobs } from "#app/overBlobs.ts";
import type { BlobOutcome } from "#app/overBlobs.ts";
import { unverifiedStatement } from "#app/unverifiedStatement.ts";
import type { DsseClaim } from "#claims/claim.ts";
import { withGiven } from "#claims/givenProofs.ts";
import type { GivenProofs } from "#claims/givenProofs.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import { digestAlgorithm, digestHex, sha256Digest } from "#core/digest.ts";
import type { HashName } from "#core/keyAlgorithm.ts";
import { readMessage } from "#core/message.ts";
import type { Message } from "#core/message.ts";
import { carriedKey } from "#trust/carriedKey.ts";
import { messageHashes } from "#trust/checkMessage.ts";
import { countedSigners, personNames, signerId } from "#trust/signerId.ts";
import { tallySigners } from "#trust/tallySigners.ts";
import type { SignerDemand, SignerTally } from "#trust/tallySigners.ts";
import { trustFor } from "#trust/trustFor.ts";
import type { TrustMaterial } from "#trust/verifiedClaim.ts";

/** A file to verify and what is said about it. */
export interface BlobToVerify {
  /** Path, or `-`; only a name where the digest is given. */
  readonly blob: string;
  /** Instead of the file. */
  readonly digest?: Digest;
  readonly papers: readonly BlobPaper[];
}

export interface VerifyBlobsInput {
  readonly blobs: readonly BlobToVerify[];
  readonly wanted: WantedOfBlob;
  readonly trust: TrustMaterial;
  readonly demand: SignerDemand;
  /** Files under way at once. */
  readonly maxWorkers: number;
  /** As of when; undefined: now. */
  readonly at?: Date | undefined;
  /** What stands beside the papers. */
  readonly given?: GivenProofs | undefined;
}

/** The answer for one file: a value, whether yes or no. */
export interface BlobVerdict {
  readonly ok: boolean;
  /** SHA-256 of the file, where somebody had to know it, or the digest that was given in its place. */
  readonly digest: Digest | undefined;
  readonly signers: SignerTally;
  /** What enough keys signed: only this counts. */
  readonly proofs: readonly BlobProof[];
  /** What trusted keys signed, too, and too few of them, or something else. */
  readonly others: readonly BlobProof[];
  /** Nearest miss first. */
  readonly refusals: readonly PaperRefusal[];
}

/** Verifies files, each read once whatever its size. One file's trouble keeps no other from its answer. */
export const verifyBlobs =
  (deps: { readonly files: BlobFiles }) =>
  (ctx: Ctx, input: VerifyBlobsInput): Promise<readonly BlobOutcome<BlobVerdict>[]> =>
    overBlobs(ctx, input.blobs, input.maxWorkers, (one) =>
      verifyBlob(deps.files, ctx, one, { ...input, trust: trustFor(input.trust, undefined) }),
    );

const verifyBlob = async (
  files: BlobFiles,
  ctx: Ctx,
  one: BlobToVerify,
  input: Pick<VerifyBlobsInput, "wanted" | "trust" | "demand" | "at" | "given">,
): Promise<BlobVerdict> => {
  const wanted = input.wanted.kind === "signature" ? "message" : "statement";
  const read = await readBlobPapers(ctx, files, one.papers, wanted);
  const papers = read.map(({ name, candidate }) => ({ name, candidate: withGiven(candidate, input.given) }));
  const subject = await readSubject(files, ctx, one, papers, input);
  const at = input.at ?? new Date(ctx.clock.now());
  const answers = papers.map((paper) => judgeBlobPaper(paper, subject, input.trust, input.wanted, at));
  const proofs = answers.flatMap((answer) => answer.proofs);
  const refusals = answers.flatMap(({ refusal }) => (refusal === undefined ? [] : [refusal]));
  const signers = tallySigners(
    countedSigners(input.trust),
    proofs.map(({ signer, said }) => ({ signer: signerId(signer), person: personNames(signer), said })),
    input.demand,
  );
  if (!signers.ok) demandDecided(papers, subject.message, input.trust);
  const counts = ({ said }: BlobProof): boolean => signers.accepted.has(said);
  return {
    ok: signers.ok,
    digest: subject.digest,
    signers,
    proofs: proofs.filter(counts),
    others: proofs.filter((proof) => !counts(proof)),
    refusals: refusals.toSorted((a, b) => b.nearness - a.nearness),
  };
};

/** Reads the file once, with just the hashes that its papers and keys need. */
const readSubject = async (
  files: BlobFiles,
  ctx: Ctx,
  one: BlobToVerify,
  papers: readonly ReadPaper[],
  { trust, wanted }: Pick<VerifyBlobsInput, "trust" | "wanted">,
): Promise<BlobSubject> => {
  if (one.digest !== undefined) return { digest: one.digest, message: knownBy(one.digest) };
  if (wanted.kind === "attestation" && !wanted.checkClaims) return { digest: undefined, message: undefined };
  const keys = [...trust.keys.map(({ key }) => key), ...papers.flatMap(({ candidate }) => carriedKey(candidate) ?? [])];
  const signed = wanted.kind === "signature";
  const hashes = [
    ...(signed ? keys.flatMap(messageHashes) : []),
    ...papers.flatMap(({ candidate }): readonly HashName[] => {
      if (candidate.kind === "dsse") return ["sha256", ...otherHashes(candidate)];
      return candidate.kind === "message" && candidate.digest !== undefined ? [candidate.digest.hash] : [];
    }),
  ];
  const keep = signed ? keptMessageBytes(keys) : 0;
  const message = await readMessage(files.open(ctx, one.blob), { hashes, keep });
  const sha256 = message.digests.get("sha256");
  return { message, digest: sha256 === undefined ? undefined : sha256Digest(Buffer.from(sha256).toString("hex")) };
};

/** npm's statements name packages by sha512 alone. Nothing of it is believed yet: it only says what is worth counting. */
const otherHashes = (claim: DsseClaim): readonly HashName[] =>
  unverifiedStatement(claim)?.subjects.some(({ sha512 }) => sha512 !== undefined) === true ? ["sha512"] : [];

/** Of a file that is elsewhere the one digest is known. */
const knownBy = (digest: Digest): Message => ({
  size: 0,
  digests: new Map([[digestAlgorithm(digest), Buffer.from(digestHex(digest), "hex")]]),
  bytes: undefined,
});

/** Any decided "no" is 1, else the code of the first that could not be decided, else 0. */
export const blobsExitCode = (outcomes: readonly BlobOutcome<BlobVerdict>[]): number => {
  if (outcomes.some((one) => one.kind === "done" && !one.value.ok)) return 1;
  const failed = outcomes.find((one) => one.kind === "failed");
  return failed?.kind === "failed" ? failed.error.exitCode : 0;
};
