import type { z } from "zod";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { Principal } from "#records/token.ts";
import type { Route } from "#api/contract/route.ts";
import type { KeepReply } from "#api/idempotency.ts";
import type { Reply } from "#api/reply.ts";

/** A request to a route after all checks, its parts as their schemas read them. */
export interface Asked<R extends Route> {
  readonly ctx: Ctx;
  readonly requestId: string;
  readonly params: z.output<R["params"]>;
  readonly query: z.output<R["query"]>;
  readonly body: R["body"] extends z.ZodObject ? z.output<R["body"]> : undefined;
  readonly headers: Headers;
  /** The token is good still; what runs for long asks now and then. */
  readonly stillValid: () => Promise<boolean>;
  /** Keeps what will be answered for the request's Idempotency-Key, if it has one, within the write that it is the answer to. */
  readonly keepReply: KeepReply;
}

/** By a token that may. */
export interface AskedBy<R extends Route> extends Asked<R> {
  readonly by: Principal;
}

/** A route with what answers it. */
export interface Endpoint {
  readonly route: Route;
  readonly answer: (asked: Asked<Route>, by: Principal | undefined) => Promise<Reply>;
}

/** Binds a route that needs a token. */
export const bind = <R extends Route>(route: R, answer: (asked: AskedBy<R>) => Promise<Reply>): Endpoint => ({
  route,
  answer: (asked, by) => {
    if (by === undefined) throw new WaybillError("TOKEN_INVALID", "this needs a token");
    return answer({ ...(asked as unknown as Asked<R>), by });
  },
});

/** Binds a route that is answered without a token too. */
export const bindOpen = <R extends Route>(
  route: R,
  answer: (asked: Asked<R>, by: Principal | undefined) => Promise<Reply>,
): Endpoint => ({ route, answer: (asked, by) => answer(asked as unknown as Asked<R>, by) });
