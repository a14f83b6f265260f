import { writeEnvelope } from "#claims/dsse.ts";
import { WaybillError } from "#core/errors.ts";
import type { VerifiedClaim } from "#trust/verifiedClaim.ts";

/** A verified attestation as cosign prints it: the DSSE envelope in the legacy shape on one line, whatever carried it. */
export const envelopeLine = ({ claim }: VerifiedClaim): string => {
  if (claim.kind !== "dsse") throw new WaybillError("INTERNAL", "a simple-signing claim has no envelope");
  const { payloadType, payload, signatures } = claim.envelope;
  return Buffer.from(writeEnvelope(payloadType, payload, signatures)).toString();
};
