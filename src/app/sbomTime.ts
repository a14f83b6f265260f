import { PREDICATE_TYPES } from "#claims/predicateType.ts";
import { isJsonObject } from "#core/strictJson.ts";
import type { Json } from "#core/strictJson.ts";

const SBOM_TYPES: readonly string[] = [PREDICATE_TYPES.cyclonedx, PREDICATE_TYPES.spdx];

/** Whether a predicate of this type is an SBOM, of which the newest one counts. */
export const isSbomType = (predicateType: string): boolean => SBOM_TYPES.includes(predicateType);

/**
 * The time that an SBOM says it was made, as it says it; empty where it does not. CycloneDX `metadata.timestamp`, SPDX 2
 * `creationInfo.created`, SPDX 3 the `created` of its CreationInfo, tag-value (one JSON string, cosign.md 3.3) `Created:`.
 */
export const sbomTime = (document: Json | undefined): string => {
  if (typeof document === "string") return /^Created: (\S+)/m.exec(document)?.[1] ?? "";
  if (!isJsonObject(document)) return "";
  const { metadata, creationInfo, "@graph": graph } = document;
  const [time] = [memberOf(metadata, "timestamp"), memberOf(creationInfo, "created"), createdIn(graph)].filter(isText);
  return time ?? "";
};

/** Milliseconds since 1970; what says no time, or none that can be read, is the oldest. */
export const timeOfSbom = (time: string): number => Date.parse(time) || 0;

const isText = (value: Json | undefined): value is string => typeof value === "string";

const memberOf = (value: Json | undefined, name: string): Json | undefined =>
  isJsonObject(value) ? value[name] : undefined;

const createdIn = (graph: Json | undefined): Json | undefined => {
  if (!Array.isArray(graph)) return undefined;
  const info = (graph as readonly Json[]).find((element) => memberOf(element, "type") === "CreationInfo");
  return memberOf(info, "created");
};
