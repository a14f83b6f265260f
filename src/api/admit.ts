import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { Principal } from "#records/token.ts";
import { authorise } from "#app/authorise.ts";
import { createAddressGate } from "#api/addressGate.ts";
import type { ApiDeps } from "#api/apiDeps.ts";
import type { RouteAccess } from "#api/contract/route.ts";
import { createKnownTokens } from "#api/knownTokens.ts";
import { createRateLimiter, rateHeaders } from "#api/rateLimiter.ts";
import type { Allowance } from "#api/rateLimiter.ts";

/** Who asks, and the headers that tell how much more may be asked. */
export interface Admitted {
  readonly by: Principal | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly refusal: WaybillError | undefined;
}

export interface Caller {
  readonly authorization: string | null;
  readonly address: string;
  readonly access: RouteAccess;
}

export interface Admission {
  readonly admit: (ctx: Ctx, caller: Caller) => Promise<Admitted>;
  /** For what no route answers: whose token it is does not matter, so nobody asks. */
  readonly admitStranger: (address: string) => Omit<Admitted, "by">;
}

const PER_TOKEN = 600;
const BEARER = /^Bearer +([A-Za-z0-9._~+/=-]{1,8192})$/i;

/**
 * Token, then allowance, then permission. A bad token counts against the address as no token does, and once the address has
 * used up what it may ask, tokens that it brings are not even looked at: guessing costs no reads of the store. Only those that
 * were good lately are, so that whoever shares an address with a guesser goes on working; the store still decides about them.
 * Refusals are values: their answers carry the allowance too.
 */
export const createAdmission = (deps: Pick<ApiDeps, "authenticate" | "clock" | "rateLimit">): Admission => {
  const identify = createIdentify(deps);
  const addresses = createAddressGate(deps.clock);
  const tokens = createRateLimiter(deps.clock, "token", PER_TOKEN);
  const look = async (
    ctx: Ctx,
    { authorization, address }: Caller,
  ): Promise<{ readonly by: Principal | undefined; readonly allowance: Allowance }> => {
    const bearer = bearerOf(authorization);
    if (bearer === undefined) return { by: undefined, allowance: addresses.take(address) };
    if (identify.isKnown(bearer)) {
      const by = await identify.ask(ctx, bearer);
      return { by, allowance: by === undefined ? addresses.take(address) : tokens.take(by.quota) };
    }
    const { good, allowance } = await addresses.look(address, () => identify.ask(ctx, bearer));
    return { by: good, allowance: good === undefined ? allowance : tokens.take(good.quota) };
  };
  return {
    admit: async (ctx, caller) => {
      const { authorization, access } = caller;
      if (deps.rateLimit === "off") {
        const bearer = bearerOf(authorization);
        const by = bearer === undefined ? undefined : await deps.authenticate(ctx, bearer);
        return { by, headers: {}, refusal: refusalOf(by, authorization, access) };
      }
      const { by, allowance } = await look(ctx, caller);
      const refusal = allowance.ok ? refusalOf(by, authorization, access) : exhausted(allowance);
      return { by, headers: rateHeaders(allowance), refusal };
    },
    admitStranger: (address) => {
      if (deps.rateLimit === "off") return { headers: {}, refusal: undefined };
      const allowance = addresses.take(address);
      return { headers: rateHeaders(allowance), refusal: allowance.ok ? undefined : exhausted(allowance) };
    },
  };
};

/** Asks who somebody is, and remembers which tokens were good. */
const createIdentify = ({ authenticate }: Pick<ApiDeps, "authenticate">) => {
  const known = createKnownTokens();
  return {
    isKnown: known.has,
    ask: async (ctx: Ctx, bearer: string): Promise<Principal | undefined> => {
      const by = await authenticate(ctx, bearer);
      if (by === undefined) known.remove(bearer);
      else known.add(bearer);
      return by;
    },
  };
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
