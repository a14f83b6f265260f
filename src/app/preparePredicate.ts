import { resolvePredicateType, wrapPredicate } from "#claims/predicateType.ts";
import type { Paper } from "#app/paper.ts";

/** A predicate as the user gave it (short name or URI, file bytes) as the paper to sign. INPUT_INVALID, USAGE_INVALID. */
export const preparePredicate = (type: string, bytes: Uint8Array): Paper => ({
  kind: "attestation",
  predicateType: resolvePredicateType(type),
  predicate: wrapPredicate(type, bytes),
});

/** The URI of a predicate type given as short name or URI; USAGE_INVALID for anything else. */
export const predicateTypeOf = (type: string, flag?: string): string => resolvePredicateType(type, flag);
