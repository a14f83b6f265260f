import type { ApiDeps } from "#api/apiDeps.ts";

/** Ids of the keys whose signatures are the service's own, the one in use first. */
export const ownKeys = ({
  serviceKey,
  signingKeys,
}: Pick<ApiDeps, "serviceKey" | "signingKeys">): readonly string[] => {
  const current = serviceKey()?.id;
  return [...new Set([...(current === undefined ? [] : [current]), ...signingKeys()])];
};
