import type { BlobFiles } from "#app/blobFiles.ts";
import type { ReadPaper } from "#app/blobPapers.ts";
import { demandDecided } from "#app/demandDecided.ts";
import { judgeCandidate } from "#app/judgePapers.ts";
import { keptMessageBytes } from "#app/keptMessageBytes.ts";
import { unverifiedStatement } from "#app/unverifiedStatement.ts";
import { writeBundle } from "#claims/bundle.ts";
import type { DsseClaim, MessageClaim } from "#claims/claim.ts";
import { writeMessageBundle } from "#claims/messageBundle.ts";
import { SIGNATURE_TYPE } from "#claims/predicateType.ts";
import type { Ctx } from "#core/ctx.ts";
import { digestOf, sha256Digest } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { messageHash } from "#core/keyAlgorithm.ts";
import { readMessage } from "#core/message.ts";
import { messageHashes } from "#trust/checkMessage.ts";
import type { Requirement, TrustMaterial } from "#trust/verifiedClaim.ts";
import { SCHEME_HASHES, verifyMessage } from "#trust/verifyMessage.ts";

/** A paper of a file, who must have made it, and the file where it is there. */
export interface LoosePaper extends ReadPaper {
  readonly trust: TrustMaterial;
  /** Path, or `-`; a signature over a file cannot be put into a bundle without it. */
  readonly artifact: string | undefined;
}

/** A bundle that verifies under the key and for the file that were given, or why there is none. */
export type AssembledBundle =
  | { readonly kind: "made"; readonly bytes: Uint8Array }
  | { readonly kind: "refused"; readonly name: string; readonly reason: string };

type Files = Pick<BlobFiles, "open">;

/**
 * Puts a signature or a DSSE envelope that was made elsewhere into a Sigstore bundle v0.3, to the byte, once it verifies: a
 * bundle that nobody accepts helps nobody. INPUT_INVALID for what cannot be read, USAGE_INVALID without the file it is over.
 */
export const assembleBundle =
  (deps: { readonly files: Files }) =>
  async (ctx: Ctx, paper: LoosePaper): Promise<AssembledBundle> => {
    const { candidate, name } = paper;
    if (candidate.kind === "unreadable") throw new WaybillError("INPUT_INVALID", `${name}: ${candidate.reason}`);
    return candidate.kind === "message"
      ? ofMessage(deps.files, ctx, paper, candidate)
      : ofStatement(deps.files, ctx, paper, candidate);
  };

const ofMessage = async (
  files: Files,
  ctx: Ctx,
  { name, trust, artifact }: LoosePaper,
  claim: MessageClaim,
): Promise<AssembledBundle> => {
  if (artifact === undefined)
    throw new WaybillError("USAGE_INVALID", `--artifact is required: ${name} is a signature over a file`, {
      hint: "A bundle names the file's digest, so give the file that was signed.",
    });
  const keys = trust.keys.map(({ key }) => key);
  const hashes = keys.flatMap((key) => [...messageHashes(key), messageHash(key.kind)]);
  const message = await readMessage(files.open(ctx, artifact), { hashes, keep: keptMessageBytes(keys) });
  const verdict = verifyMessage(claim, message, trust, { at: new Date(ctx.clock.now()) });
  if (!verdict.ok) {
    demandDecided([{ candidate: claim }], message, trust);
    return { kind: "refused", name, reason: verdict.fault.reason };
  }
  const { key, scheme } = verdict.signer;
  const hash = SCHEME_HASHES[scheme] ?? messageHash(key.kind);
  const digest = { hash, value: message.digests.get(hash) ?? new Uint8Array() };
  return {
    kind: "made",
    bytes: writeMessageBundle({ signature: claim.signature, digest, publicKeySpki: key.spki }),
  };
};

const ofStatement = async (
  files: Files,
  ctx: Ctx,
  { name, trust, artifact }: LoosePaper,
  claim: DsseClaim,
): Promise<AssembledBundle> => {
  const { payloadType, payload, signatures } = claim.envelope;
  const [signature, ...more] = signatures;
  if (signature === undefined || more.length > 0)
    throw new WaybillError(
      "INPUT_INVALID",
      `${name}: its envelope holds ${signatures.length} signatures; a bundle holds one`,
    );
  const subject = artifact === undefined ? undefined : await digestFile(files, ctx, artifact);
  const answer = judgeCandidate(claim, trust, requirementOf(claim, subject), new Date(ctx.clock.now()));
  if (answer.kind === "refused") return { kind: "refused", name, reason: answer.refusal.reason };
  const { key } = answer.claims[0]?.signer ?? {};
  if (key === undefined) return { kind: "refused", name, reason: "no trusted key made its signature" };
  const bytes = writeBundle({ payloadType, payload, signature: signature.sig, publicKeySpki: key.spki });
  return { kind: "made", bytes };
};

/** Any statement will do, of whatever type; it must name the file where there is one. */
const requirementOf = (claim: DsseClaim, file: Digest | undefined): Requirement => {
  const common = { subject: file ?? digestOf(""), checkClaims: file !== undefined };
  return unverifiedStatement(claim)?.predicateType === SIGNATURE_TYPE
    ? { kind: "signature", annotations: {}, ...common }
    : { kind: "attestation", predicateType: undefined, ...common };
};

const digestFile = async (files: Files, ctx: Ctx, path: string): Promise<Digest> => {
  const { digests } = await readMessage(files.open(ctx, path), { hashes: ["sha256"], keep: 0 });
  return sha256Digest(Buffer.from(digests.get("sha256") ?? []).toString("hex"));
};
