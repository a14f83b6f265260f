import type { Claim } from "#claims/claim.ts";
import { readSimpleSigning } from "#claims/simpleSigning.ts";
import { onlyStrings, readStatement } from "#claims/statement.ts";
import type { Digest } from "#core/digest.ts";
import { hasCode } from "#core/errors.ts";
import type { Json } from "#core/strictJson.ts";
import type { Fault } from "#trust/fault.ts";

/** A signed document, whichever its form. */
export interface Signed {
  /** Predicate type, or `critical.type`. */
  readonly type: string;
  readonly subjects: readonly SignedSubject[];
  readonly predicateBytes: Uint8Array | undefined;
  readonly document: Json;
  /** The bytes that were parsed. */
  readonly payload: Uint8Array;
}

/** One of the two digests is there. */
interface SignedSubject {
  readonly digest: Digest | undefined;
  readonly sha512: Digest | undefined;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The bytes that the signature is over, before any encoding for signing. */
export const signedPayload = (claim: Claim): Uint8Array =>
  claim.kind === "simple-signing" ? claim.payload : claim.envelope.payload;

/** Parses exactly the verified bytes; what cannot be parsed strictly counts as nothing (attack 14). */
export const readSigned = (claim: Claim): Signed | Fault => {
  try {
    return claim.kind === "simple-signing" ? fromSimpleSigning(claim.payload) : fromStatement(claim.envelope.payload);
  } catch (error) {
    if (!hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED")) throw error;
    const unknownType = error.details["field"] === "_type";
    return { code: unknownType ? "statement-type" : "payload-malformed", reason: error.message };
  }
};

const fromSimpleSigning = (payload: Uint8Array): Signed => {
  const { digest, type, optional, document } = readSimpleSigning(payload);
  return {
    type,
    subjects: [{ digest, sha512: undefined, annotations: onlyStrings(optional) }],
    predicateBytes: undefined,
    document,
    payload,
  };
};

const fromStatement = (payload: Uint8Array): Signed => {
  const { predicateType, predicateBytes, subjects, document } = readStatement(payload);
  // A subject without either digest is legal and matches nothing.
  const named = subjects.filter(({ digest, sha512 }) => digest !== undefined || sha512 !== undefined);
  return { type: predicateType, subjects: named, predicateBytes, document, payload };
};
