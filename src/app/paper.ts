import { pae, writeEnvelope } from "#claims/dsse.ts";
import { writeSimpleSigning } from "#claims/simpleSigning.ts";
import { SIGNATURE_TYPE } from "#claims/predicateType.ts";
import { writeSignatureStatement, writeStatement } from "#claims/statement.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import type { Signer } from "#core/signer.ts";

/** What is to be said about an image. */
export type Paper =
  | { readonly kind: "signature"; readonly annotations: Readonly<Record<string, string>> }
  | {
      readonly kind: "attestation";
      /** Absolute URI. */
      readonly predicateType: string;
      /** The predicate's exact JSON bytes; they are the statement's bytes. */
      readonly predicate: Uint8Array;
    };

/** The bytes to be signed for each form; an attestation has one payload for both. */
export interface Payloads {
  readonly predicateType: string;
  readonly bundle: Uint8Array;
  readonly legacy: Uint8Array;
}

/** Deterministic: no clock, no host and no tag goes in, only cosign's docker-reference, which names the repository. */
export const payloadsOf = (paper: Paper, digest: Digest, dockerReference: string): Payloads => {
  if (paper.kind === "signature") {
    return {
      predicateType: SIGNATURE_TYPE,
      bundle: writeSignatureStatement({ digest, annotations: paper.annotations }),
      legacy: writeSimpleSigning({ dockerReference, digest, annotations: paper.annotations }),
    };
  }
  const statement = writeStatement({
    subjects: [{ digest }],
    predicateType: paper.predicateType,
    predicate: paper.predicate,
  });
  return { predicateType: paper.predicateType, bundle: statement, legacy: statement };
};

/** Signature over the DSSE pre-authentication encoding of an in-toto payload. */
export const signStatement = (ctx: Ctx, signer: Signer, payload: Uint8Array): Promise<Uint8Array> =>
  signer.sign(ctx, pae(MEDIA_TYPE.inToto, payload));

/** The envelope as `.att` layers carry it. */
export const legacyEnvelope = (payload: Uint8Array, sig: Uint8Array): Uint8Array =>
  writeEnvelope(MEDIA_TYPE.inToto, payload, [{ keyid: "", sig }]);
