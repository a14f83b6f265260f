import { PREDICATE_TYPES, resolvePredicateType, wrapPredicate } from "#claims/predicateType.ts";
import { writeProvenance } from "#claims/provenance.ts";
import type { ProvenanceFacts, ProvenanceVersion } from "#claims/provenance.ts";

/** A provenance attestation to be: made from what the build knows, or a document made elsewhere, kept to the byte. */
export interface PreparedProvenance {
  readonly predicateType: string;
  readonly predicate: Uint8Array;
}

/** INPUT_INVALID for a document that is no JSON object, USAGE_INVALID naming the flag for a fact that is malformed. */
export const prepareProvenance = (
  facts: ProvenanceFacts,
  version: ProvenanceVersion,
  document: Uint8Array | undefined,
): PreparedProvenance => {
  const type = version === "1" ? "slsaprovenance1" : "slsaprovenance02";
  return {
    predicateType: PREDICATE_TYPES[type],
    predicate: document === undefined ? writeProvenance(facts, version) : wrapPredicate(type, document),
  };
};

/** The version that a predicate type given as short name or URI asks for; undefined for what is no provenance. */
export const provenanceVersionOf = (type: string): ProvenanceVersion | undefined => {
  const predicateType = resolvePredicateType(type);
  if (predicateType === PREDICATE_TYPES.slsaprovenance1) return "1";
  return predicateType === PREDICATE_TYPES.slsaprovenance02 ? "0.2" : undefined;
};
