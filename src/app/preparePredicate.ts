import { SIGNATURE_TYPE, resolvePredicateType, wrapPredicate } from "#claims/predicateType.ts";
import { SIMPLE_SIGNING_TYPE, readSimpleSigning } from "#claims/simpleSigning.ts";
import { onlyStrings, readStatement } from "#claims/statement.ts";
import { WaybillError } from "#core/errors.ts";
import type { AttestationPaper, SignaturePaper } from "#app/paper.ts";

/** A predicate as the user gave it (short name or URI, file bytes) as the paper to sign. INPUT_INVALID, USAGE_INVALID. */
export const preparePredicate = (type: string, bytes: Uint8Array): AttestationPaper => ({
  kind: "attestation",
  predicateType: resolvePredicateType(type),
  predicate: wrapPredicate(type, bytes),
});

/**
 * A whole in-toto statement as the paper to sign, to the byte. INPUT_INVALID for what is none or has no predicate, and for
 * the statement of an image signature, which `sign` makes.
 */
export const prepareStatement = (bytes: Uint8Array): AttestationPaper => {
  const { predicateType, predicateBytes } = readStatement(bytes);
  if (predicateType === SIGNATURE_TYPE)
    throw new WaybillError("INPUT_INVALID", "the statement is an image signature's, which is no attestation", {
      hint: "Use sign for image signatures.",
    });
  if (predicateBytes === undefined) throw new WaybillError("INPUT_INVALID", "the statement has no predicate");
  return { kind: "attestation", predicateType, predicate: predicateBytes, statement: bytes };
};

/**
 * A simple-signing payload made elsewhere (`generate`) as the signature to make, to the byte. INPUT_INVALID for what no
 * verifier would take for an image's signature.
 */
export const preparePayload = (bytes: Uint8Array): SignaturePaper => {
  const { type, optional } = readSimpleSigning(bytes);
  if (type !== SIMPLE_SIGNING_TYPE)
    throw new WaybillError(
      "INPUT_INVALID",
      `the payload's critical.type is not ${JSON.stringify(SIMPLE_SIGNING_TYPE)}`,
      {
        hint: "Print a payload with waybill generate.",
      },
    );
  return { kind: "signature", annotations: onlyStrings(optional), payload: bytes };
};

/** The URI of a predicate type given as short name or URI; USAGE_INVALID for anything else. */
export const predicateTypeOf = (type: string, flag?: string): string => resolvePredicateType(type, flag);
