import type { Principal } from "#records/token.ts";

/** What is known of a request by the time that it has its answer. */
export interface RequestNote {
  /** The route's template; undefined where there is none: a path is the caller's words. */
  route: string | undefined;
  by: Principal | undefined;
}

export interface Answered {
  readonly method: string;
  readonly status: number;
  readonly ms: number;
  readonly requestId: string;
}

/** A line of the access log: neither path, query, header nor body, any of which may hold a secret. */
export const requestFields = (
  { method, status, ms, requestId }: Answered,
  { route, by }: RequestNote,
): Readonly<Record<string, string | number>> => ({
  method,
  route: route ?? "none",
  status,
  ms: Math.round(ms * 10) / 10,
  request: requestId,
  ...(by === undefined ? {} : { tenant: by.tenant, actor: by.actor }),
});
