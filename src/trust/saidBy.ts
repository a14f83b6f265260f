import { digestOf } from "#core/digest.ts";
import { isJsonObject } from "#core/strictJson.ts";
import type { Json } from "#core/strictJson.ts";
import type { VerifiedClaim } from "#trust/verifiedClaim.ts";

/**
 * What a claim says, whoever says it and in whatever bytes: equal texts are equal words. Of a signature it is the subject
 * alone, of an attestation subject, type and predicate. Predicates are compared as JSON values, since two tools that sign one
 * document write it with names in another order or with other white space.
 */
export const saidBy = ({ kind, subject, predicateType, document }: VerifiedClaim): string => {
  if (kind === "signature") return JSON.stringify([kind, subject ?? null]);
  const predicate = isJsonObject(document) ? (document["predicate"] ?? null) : null;
  return JSON.stringify([kind, subject ?? null, predicateType, digestOf(sortedJson(predicate))]);
};

const sortedJson = (value: Json): string => {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(",")}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const names = Object.keys(value).toSorted();
  return `{${names.map((name) => `${JSON.stringify(name)}:${sortedJson(value[name] ?? null)}`).join(",")}}`;
};
