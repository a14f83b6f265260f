import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { apiHost } from "#core/reference.ts";
import { trimOldest } from "#core/trimOldest.ts";
import { answerHeader } from "#net/answerHeader.ts";
import type { HttpAnswer, HttpRequest, Send } from "#net/send.ts";
import { answerError } from "#registry/client/answerError.ts";
import { createAuthority } from "#registry/client/authority.ts";
import type { Authority, Scope } from "#registry/client/authority.ts";
import { parseChallenges } from "#registry/client/challenge.ts";
import type { CredentialSource } from "#registry/client/credentials.ts";
import { keepCredential } from "#registry/client/keepCredential.ts";
import { findOrigin } from "#registry/client/origin.ts";
import type { Origin } from "#registry/client/origin.ts";
import { keepRefreshTokens } from "#registry/client/refreshTokens.ts";
import { sharedWork } from "#registry/client/sharedWork.ts";

/** A request to a registry, with authorization. `target`: a path below the registry's root, or where the registry itself sent us. */
export interface RegistryRequest extends Pick<HttpRequest, "method" | "body" | "maxBytes" | "streamed" | "once"> {
  readonly target: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Undefined: for the registry as a whole. */
  readonly scope: Scope | undefined;
}

/** One registry as this client sees it: scheme, authentication and tokens are found once and kept. */
export interface RegistrySession {
  /** An answer of any status, after one more try with new authorization where the first is 401. */
  readonly send: (ctx: Ctx, request: RegistryRequest) => Promise<SessionAnswer>;
}

export interface SessionAnswer extends HttpAnswer {
  /** This answer as an error; also for a 404 that does not mean absence. */
  readonly error: () => WaybillError;
}

export interface SessionOptions {
  readonly send: Send;
  readonly credentials: CredentialSource;
  /** Plain http, with credentials, to any host. */
  readonly allowHttp: boolean;
}

/** `registry`: the canonical name, under which its credentials are kept. */
export const openSession = (options: SessionOptions, registry: string): RegistrySession => {
  const find = sharedWork(
    (ctx) => findOrigin(options.send, ctx, apiHost(registry), options),
    () => true,
  );
  const authorityOf = openAuthorities(options, registry);
  return {
    send: async (ctx, request) => {
      const origin = await find(ctx);
      const { url } = origin;
      const authority = authorityOf(origin, request.scope?.repository);
      const target = typeof request.target === "string" ? new URL(request.target, url) : request.target;
      // A place elsewhere is where the registry keeps bytes; nothing that is meant for the registry goes there.
      const trusted = target.origin === url.origin;
      const authorization = trusted ? await authority.authorize(ctx, request.scope) : undefined;
      const answer = await options.send(ctx, httpRequest(request, target, authorization));
      if (!trusted || answer.status !== 401 || answer.url.origin !== url.origin)
        return explained(answer, request, authority);
      const challenges = parseChallenges(answerHeader(answer, "www-authenticate") ?? "");
      await authority.learn(ctx, request.scope, challenges, authorization);
      const again = await authority.authorize(ctx, request.scope);
      if (again === undefined || again === authorization) return explained(answer, request, authority);
      if (!isRepeatable(request)) return renewed(answer, request, authority);
      return explained(await options.send(ctx, httpRequest(request, target, again)), request, authority);
    },
  };
};

// What is forgotten costs the next request to that repository a token more.
const MAX_AUTHORITIES = 1000;

/** One for each repository, since credentials may be for a part of a registry. */
const openAuthorities = (options: SessionOptions, registry: string) => {
  const authorities = new Map<string | undefined, Authority>();
  const refreshTokens = keepRefreshTokens();
  return ({ url, challenges }: Origin, repository: string | undefined): Authority => {
    const known = authorities.get(repository);
    if (known !== undefined) return known;
    const { send, allowHttp } = options;
    const credential = keepCredential(options.credentials, { registry, repository });
    const made = createAuthority({ send, registry, url, challenges, credential, refreshTokens, allowHttp });
    authorities.set(repository, made);
    trimOldest(authorities, MAX_AUTHORITIES);
    return made;
  };
};

const httpRequest = (request: RegistryRequest, url: URL, authorization: string | undefined): HttpRequest => ({
  method: request.method,
  url,
  headers: { ...request.headers, ...(authorization === undefined ? {} : { authorization }) },
  maxBytes: request.maxBytes,
  ...(request.body === undefined ? {} : { body: request.body }),
  ...(request.streamed === undefined ? {} : { streamed: request.streamed }),
  ...(request.once === undefined ? {} : { once: request.once }),
});

const isRepeatable = ({ body }: RegistryRequest): boolean => body === undefined || body instanceof Uint8Array;

const explained = (answer: HttpAnswer, { method }: RegistryRequest, authority: Authority): SessionAnswer => ({
  ...answer,
  error: () => authority.explain(answerError(answer, method)),
});

/** Whoever can read the bytes anew may send the request again: it has another authorization by now. */
const renewed = (answer: HttpAnswer, request: RegistryRequest, authority: Authority): SessionAnswer => ({
  ...answer,
  error: () => {
    const { code, message, hint, cause, details } = authority.explain(answerError(answer, request.method));
    return new WaybillError(code, message, { hint, cause, details: { ...details, renewed: true } });
  },
});
