import { PREDICATE_TYPES } from "#claims/predicateType.ts";
import { isJsonObject } from "#core/strictJson.ts";
import type { Json } from "#core/strictJson.ts";

const PROVENANCE: readonly string[] = [PREDICATE_TYPES.slsaprovenance1, PREDICATE_TYPES.slsaprovenance02];

export const isProvenance = (predicateType: string): boolean => PROVENANCE.includes(predicateType);

/** The build, the app and the tenant that a provenance names (SLSA v1 and v0.2, as `writeProvenance` writes them), as annotations would. */
export const provenanceNames = (predicate: Json): Readonly<Record<string, string>> => {
  const build =
    textAt(predicate, "runDetails", "metadata", "invocationId") ?? textAt(predicate, "metadata", "buildInvocationId");
  const app =
    textAt(predicate, "buildDefinition", "externalParameters", "appId") ??
    textAt(predicate, "invocation", "parameters", "appId");
  const tenant =
    textAt(predicate, "buildDefinition", "externalParameters", "tenantId") ??
    textAt(predicate, "invocation", "parameters", "tenantId");
  return {
    ...(build !== undefined && { build_id: build }),
    ...(app !== undefined && { app_id: app }),
    ...(tenant !== undefined && { tenant_id: tenant }),
  };
};

const textAt = (value: Json, ...path: readonly string[]): string | undefined => {
  const found = path.reduce<Json | undefined>((at, name) => (isJsonObject(at) ? at[name] : undefined), value);
  return typeof found === "string" ? found : undefined;
};
