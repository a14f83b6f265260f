import { WaybillError } from "#core/errors.ts";
import type { Envelope } from "#claims/claim.ts";
import { pae } from "#claims/dsse.ts";
import { checkSignature } from "#trust/checkSignature.ts";
import type { SignatureVerifier } from "#devsigstore/holderKey.ts";

/** A signature and what it was checked with. */
export interface CheckedSignature {
  readonly sig: Uint8Array;
  readonly verifier: SignatureVerifier;
}

/**
 * Each signature of an envelope with the verifier that made it. INPUT_INVALID unless each fits one: a log must not vouch
 * for what it has not seen to be true.
 */
export const checkEnvelope = (
  { payloadType, payload, signatures }: Envelope,
  verifiers: readonly SignatureVerifier[],
): readonly CheckedSignature[] => {
  if (signatures.length === 0) throw new WaybillError("INPUT_INVALID", "the envelope has no signature");
  const bytes = pae(payloadType, payload);
  return signatures.map(({ sig }) => {
    const verifier = verifiers.find(({ key }) => checkSignature(key, bytes, sig) !== undefined);
    if (verifier === undefined) throw new WaybillError("INPUT_INVALID", "a signature of the envelope fits no verifier");
    return { sig, verifier };
  });
};
