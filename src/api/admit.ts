import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { Principal } from "#records/token.ts";
import { authorise } from "#app/authorise.ts";
import type { ApiDeps } from "#api/apiDeps.ts";
import type { RouteAccess } from "#api/contract/route.ts";
import { addressGroup, createRateLimiter, rateHeaders } from "#api/rateLimiter.ts";
import type { Allowance } from "#api/rateLimiter.ts";

/** Who asks, and the headers that tell how much more may be asked. */
export interface Admission {
  readonly by: Principal | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly refusal: WaybillError | undefined;
}

export interface Caller {
  readonly authorization: string | null;
  readonly address: string;
  readonly access: RouteAccess;
}

const PER_TOKEN = 600;
const PER_ADDRESS = 30;
const BEARER = /^Bearer +([A-Za-z0-9._~+/=-]{1,8192})$/i;

/**
 * Token, then allowance, then permission. A bad token counts against the address as no token does, so that guessing is as slow.
 * Refusals are values: their answers carry the allowance too.
 */
export const createAdmission = (
  deps: Pick<ApiDeps, "authenticate" | "clock" | "rateLimit">,
): ((ctx: Ctx, caller: Caller) => Promise<Admission>) => {
  const tokens = createRateLimiter(deps.clock, "token", PER_TOKEN);
  const addresses = createRateLimiter(deps.clock, "address", PER_ADDRESS);
  return async (ctx, { authorization, address, access }) => {
    const by = await identify(deps, ctx, authorization);
    if (deps.rateLimit === "off") return { by, headers: {}, refusal: refusalOf(by, authorization, access) };
    const allowance = by === undefined ? addresses.take(addressGroup(address)) : tokens.take(by.quota);
    const refusal = allowance.ok ? refusalOf(by, authorization, access) : exhausted(allowance);
    return { by, headers: rateHeaders(allowance), refusal };
  };
};

const identify = async (
  deps: Pick<ApiDeps, "authenticate">,
  ctx: Ctx,
  authorization: string | null,
): Promise<Principal | undefined> => {
  const bearer = bearerOf(authorization);
  return bearer === undefined ? undefined : deps.authenticate(ctx, bearer);
};

/** The token of an Authorization header. */
export const bearerOf = (authorization: string | null): string | undefined =>
  authorization === null ? undefined : BEARER.exec(authorization)?.[1];

const exhausted = ({ wait, quota }: Allowance): WaybillError =>
  new WaybillError("RATE_EXCEEDED", `${quota} requests a minute are allowed`, {
    details: { seconds: Math.max(1, wait) },
  });

const refusalOf = (
  by: Principal | undefined,
  authorization: string | null,
  access: RouteAccess,
): WaybillError | undefined => {
  const given = authorization !== null;
  if (access === "public") return undefined;
  if (by === undefined) {
    if (access === "badge" && !given) return undefined;
    const words = given ? "the token is unknown, expired or revoked" : "no token came with the request";
    return new WaybillError("TOKEN_INVALID", words, { details: { given } });
  }
  const permission = access === "badge" ? "read" : access;
  return authorise(by, permission) ? undefined : new WaybillError("NOT_FOUND", "not for this role");
};
