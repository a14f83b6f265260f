import type { Context, Hono } from "hono";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError, asWaybillError } from "#core/errors.ts";
import type { Principal } from "#records/token.ts";
import { bearerOf, createAdmission } from "#api/admit.ts";
import type { Admission } from "#api/admit.ts";
import type { ApiDeps } from "#api/apiDeps.ts";
import type { Route } from "#api/contract/route.ts";
import type { Asked, Endpoint } from "#api/endpoint.ts";
import { runOnce } from "#api/idempotency.ts";
import { negotiate } from "#api/negotiate.ts";
import { noteAuditor } from "#api/noteAuditor.ts";
import { problemOf } from "#api/problemOf.ts";
import { demandJson, parseBody, parsePart, readBody, readQuery } from "#api/readRequest.ts";
import { respond } from "#api/reply.ts";
import type { HeaderFields, Reply } from "#api/reply.ts";
import type { RequestNote } from "#api/requestNote.ts";
import { unknownRoute } from "#api/unknownRoute.ts";

/** What comes with a request besides itself; `headers` go with its answer, whatever that is. */
export interface ApiEnv {
  readonly Bindings: {
    readonly address: string;
    readonly requestId: string;
    readonly headers: HeaderFields;
    readonly note: RequestNote;
  };
}

type Web = Context<ApiEnv>;
type Admit = Admission["admit"];

interface Mounted extends Endpoint {
  /** Every media type that its answers may have. */
  readonly types: readonly string[];
}

/** Both prefixes are one API: the platform's documents use either. */
const PREFIXES = ["/v1", "/api/v1"] as const;

/** Mounts endpoints under both prefixes; another method of a known path is 405, anything else 404. */
export const mountRoutes = (app: Hono<ApiEnv>, deps: ApiDeps, endpoints: readonly Endpoint[]): void => {
  const { admit, admitStranger } = createAdmission(deps);
  for (const prefix of PREFIXES) {
    for (const endpoint of endpoints) {
      const path = prefix + endpoint.route.path.replaceAll(/\{([a-z_]+)\}/g, ":$1");
      const mounted = { ...endpoint, types: typesOf(endpoint.route) };
      app.on(endpoint.route.method, path, (web) => serve(deps, admit, mounted, web));
    }
  }
  const unknown = unknownRoute(endpoints, PREFIXES);
  app.notFound((web) => {
    const { headers, refusal } = admitStranger(web.env.address);
    return refuse(web, refusal ?? unknown(web.req.path), headers);
  });
  app.onError((thrown, web) => {
    deps.log("error", asWaybillError(thrown).message, { request: web.env.requestId });
    return refuse(web, new WaybillError("INTERNAL", "a fault before any route"));
  });
};

const refuse = (web: Web, error: WaybillError, headers: HeaderFields = {}): Response => {
  const { requestId, headers: common } = web.env;
  return problemOf(error, { path: web.req.path, requestId, headers: { ...common, ...headers } });
};

const serve = async (deps: ApiDeps, admit: Admit, endpoint: Mounted, web: Web): Promise<Response> => {
  const { requestId, address, note } = web.env;
  note.route = endpoint.route.path;
  const ctx = deps.makeCtx({ signal: web.req.raw.signal, requestId, lasting: isLasting(endpoint) });
  let headers: HeaderFields = {};
  try {
    const authorization = web.req.raw.headers.get("Authorization");
    const admission = await admit(ctx, { authorization, address, access: endpoint.route.access });
    note.by = admission.by;
    headers = admission.headers;
    if (admission.refusal !== undefined) throw admission.refusal;
    const reply = await answer(deps, ctx, endpoint, admission.by, web);
    return respond(reply, web.req.raw, { ...web.env.headers, ...headers });
  } catch (error) {
    return refuse(web, heed(ctx, error, endpoint.route, requestId), headers);
  }
};

const answer = async (
  deps: ApiDeps,
  ctx: Ctx,
  endpoint: Mounted,
  by: Principal | undefined,
  web: Web,
): Promise<Reply> => {
  const { route } = endpoint;
  const request = web.req.raw;
  const params = parsePart(route.params, web.req.param(), "path") as Asked<Route>["params"];
  const query = parsePart(route.query, readQuery(request.url), "query") as Asked<Route>["query"];
  const accept = request.headers.get("Accept");
  if (accept !== null) negotiate(accept, endpoint.types);
  const bytes = await bodyOf(ctx, route, request);
  const body = route.body === undefined ? undefined : parsePart(route.body, parseBody(bytes), "body");
  const stillValid = async (): Promise<boolean> => {
    const bearer = bearerOf(request.headers.get("Authorization"));
    return bearer !== undefined && (await deps.authenticate(ctx, bearer)) !== undefined;
  };
  const { requestId } = web.env;
  const facts = { ctx, requestId, params, query, body, headers: request.headers, stillValid };
  const asked = { ...facts, keepReply: async () => undefined } as Asked<Route>;
  const target = targetOf(web.req.path);
  await noteAuditor(deps.store, ctx, { by, target, query, requestId });
  if (route.method !== "POST" || by === undefined) return endpoint.answer(asked, by);
  const key = request.headers.get("Idempotency-Key") ?? undefined;
  const once = { tenant: by.tenant, key, target: `POST ${target}`, body: bytes, shownOnce: route.shownOnce ?? [] };
  return runOnce(deps.store)(ctx, once, (keepReply) => endpoint.answer({ ...asked, keepReply }, by));
};

const bodyOf = async (ctx: Ctx, route: Route, request: Request): Promise<Uint8Array> => {
  if (route.method === "GET") return new Uint8Array();
  const typed = request.headers.has("Content-Type");
  if (route.body !== undefined || typed) demandJson(request);
  return route.body === undefined ? new Uint8Array() : readBody(ctx, request);
};

const typesOf = ({ answers }: Route): readonly string[] => {
  const types = Object.values(answers).flatMap(({ content }) => Object.keys(content));
  return types.length === 0 ? ["application/json"] : types;
};

const isLasting = ({ types }: Mounted): boolean => types.includes("text/event-stream");

/** The path below the prefix: the same for both. */
const targetOf = (path: string): string => path.replace(/^(?:\/api)?\/v1/, "");

const heed = (ctx: Ctx, thrown: unknown, route: Route, requestId: string): WaybillError => {
  const error = asWaybillError(thrown);
  if (error.code === "INTERNAL" || error.code === "STORE_FAILED") {
    ctx.log("error", error.message, { route: route.id, code: error.code, request: requestId });
  }
  return error;
};
