import { Hono } from "hono";
import type { ApiDeps } from "#api/apiDeps.ts";
import { ROUTES } from "#api/contract/routes.ts";
import type { Endpoint } from "#api/endpoint.ts";
import { appEndpoints } from "#api/endpoint/appEndpoints.ts";
import { badgeEndpoints } from "#api/endpoint/badgeEndpoints.ts";
import { buildEndpoints } from "#api/endpoint/buildEndpoints.ts";
import { eventEndpoints } from "#api/endpoint/eventEndpoints.ts";
import { imageEndpoints } from "#api/endpoint/imageEndpoints.ts";
import { keyEndpoints } from "#api/endpoint/keyEndpoints.ts";
import { openApiEndpoints } from "#api/endpoint/openApiEndpoints.ts";
import { operationEndpoints } from "#api/endpoint/operationEndpoints.ts";
import { overviewEndpoints } from "#api/endpoint/overviewEndpoints.ts";
import { paperEndpoints } from "#api/endpoint/paperEndpoints.ts";
import { recordEndpoints } from "#api/endpoint/recordEndpoints.ts";
import { tokenEndpoints } from "#api/endpoint/tokenEndpoints.ts";
import { mountRoutes } from "#api/mountRoutes.ts";
import type { ApiEnv } from "#api/mountRoutes.ts";
import { requestFields } from "#api/requestNote.ts";
import type { RequestNote } from "#api/requestNote.ts";

/** The HTTP API as a function; the socket is somebody else's. */
export interface Api {
  /** Never rejects. `address` is the peer's, without a port: rate limits of those without a token count by it. */
  readonly fetch: (request: Request, facts: { readonly address: string }) => Promise<Response>;
}

// Nothing that the API answers may run, be framed or be taken for another type.
const SECURITY_HEADERS = {
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
} as const;

/** Serves `ROUTES` under /v1 and /api/v1. */
export const createApi = (deps: ApiDeps): Api => {
  const app = new Hono<ApiEnv>();
  mountRoutes(app, deps, endpointsOf(deps));
  return {
    fetch: async (request, { address }) => {
      const begun = performance.now();
      const note: RequestNote = { route: undefined, by: undefined };
      const requestId = requestIdOf(request, deps.newId);
      const headers = { ...SECURITY_HEADERS, "X-Request-Id": requestId };
      const response = await app.fetch(request, { address, requestId, headers, note });
      const answered = { method: request.method, status: response.status, ms: performance.now() - begun, requestId };
      deps.log("debug", "request", requestFields(answered, note));
      return response;
    },
  };
};

/** In the order of the description, which names each of them. */
const endpointsOf = (deps: ApiDeps): readonly Endpoint[] => {
  const all = [
    ...appEndpoints(deps),
    ...badgeEndpoints(deps),
    ...buildEndpoints(deps),
    ...eventEndpoints(deps),
    ...imageEndpoints(deps),
    ...keyEndpoints(deps),
    ...openApiEndpoints(ROUTES),
    ...operationEndpoints(deps),
    ...overviewEndpoints(deps),
    ...paperEndpoints(deps),
    ...recordEndpoints(deps),
    ...tokenEndpoints(deps),
  ];
  return ROUTES.flatMap((route) => all.filter((endpoint) => endpoint.route === route));
};

// A caller's id goes into logs and headers, so it is of harmless letters or none of his.
const requestIdOf = (request: Request, newId: () => string): string => {
  const given = request.headers.get("X-Request-Id");
  return given !== null && /^[A-Za-z0-9._-]{1,64}$/.test(given) ? given : newId();
};
