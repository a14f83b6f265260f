import { pae, writeEnvelope } from "#claims/dsse.ts";
import { readSimpleSigning, writeSimpleSigning } from "#claims/simpleSigning.ts";
import { SIGNATURE_TYPE } from "#claims/predicateType.ts";
import { readStatement, writeSignatureStatement, writeStatement } from "#claims/statement.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import type { Signer } from "#core/signer.ts";

/** What is to be said about an image. */
export type Paper =
  | {
      readonly kind: "signature";
      readonly annotations: Readonly<Record<string, string>>;
      /** Replaces the repository's name in cosign's docker-reference. */
      readonly dockerReference?: string | undefined;
      /** A simple-signing payload made elsewhere; the legacy form signs exactly these bytes. */
      readonly payload?: Uint8Array | undefined;
    }
  | {
      readonly kind: "attestation";
      /** Absolute URI. */
      readonly predicateType: string;
      /** The predicate's exact JSON bytes; they are the statement's bytes. */
      readonly predicate: Uint8Array;
      /** A whole statement made elsewhere, of which the other two are part; exactly these bytes are signed. */
      readonly statement?: Uint8Array;
    };

export type SignaturePaper = Paper & { readonly kind: "signature" };
export type AttestationPaper = Paper & { readonly kind: "attestation" };

/** The bytes to be signed for each form; an attestation has one payload for both. */
export interface Payloads {
  readonly predicateType: string;
  readonly bundle: Uint8Array;
  readonly legacy: Uint8Array;
}

/**
 * Deterministic: no clock, no host and no tag goes in, only cosign's docker-reference, which names the repository. INPUT_INVALID
 * where what was made elsewhere does not speak of this digest.
 */
export const payloadsOf = (paper: Paper, digest: Digest, dockerReference: string): Payloads => {
  if (paper.kind === "signature") {
    return {
      predicateType: SIGNATURE_TYPE,
      bundle: writeSignatureStatement({ digest, annotations: paper.annotations }),
      legacy: preparedPayload(paper, digest) ?? simpleSigning(paper, digest, dockerReference),
    };
  }
  const statement =
    preparedStatement(paper, digest) ??
    writeStatement({ subjects: [{ digest }], predicateType: paper.predicateType, predicate: paper.predicate });
  return { predicateType: paper.predicateType, bundle: statement, legacy: statement };
};

const simpleSigning = (paper: SignaturePaper, digest: Digest, repository: string): Uint8Array =>
  writeSimpleSigning({ dockerReference: paper.dockerReference ?? repository, digest, annotations: paper.annotations });

const preparedPayload = ({ payload }: SignaturePaper, digest: Digest): Uint8Array | undefined => {
  if (payload !== undefined) demandSubject("payload", [readSimpleSigning(payload).digest], digest);
  return payload;
};

const preparedStatement = ({ statement }: AttestationPaper, digest: Digest): Uint8Array | undefined => {
  if (statement !== undefined) {
    const named = readStatement(statement).subjects.flatMap((subject) => subject.digest ?? []);
    demandSubject("statement", named, digest);
  }
  return statement;
};

/** A signature over what speaks of another image would help nobody, or deceive. */
const demandSubject = (what: string, named: readonly Digest[], digest: Digest): void => {
  if (named.includes(digest)) return;
  const found = named.length === 0 ? "no sha256 digest" : named.slice(0, 3).join(", ");
  throw new WaybillError("INPUT_INVALID", `the ${what} speaks of ${found}, not of ${digest}`, {
    hint: `Make the ${what} anew for this image, or name the image that it speaks of by its digest.`,
  });
};

/** Signature over the DSSE pre-authentication encoding of an in-toto payload. */
export const signStatement = (ctx: Ctx, signer: Signer, payload: Uint8Array): Promise<Uint8Array> =>
  signer.sign(ctx, pae(MEDIA_TYPE.inToto, payload));

/** The envelope as `.att` layers carry it. */
export const legacyEnvelope = (payload: Uint8Array, sig: Uint8Array): Uint8Array =>
  writeEnvelope(MEDIA_TYPE.inToto, payload, [{ keyid: "", sig }]);
