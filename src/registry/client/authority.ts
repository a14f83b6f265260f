import type { Ctx } from "#core/ctx.ts";
import type { Send } from "#net/send.ts";
import { basicAuthorization, fetchAccessToken } from "#registry/client/accessToken.ts";
import type { AccessToken } from "#registry/client/accessToken.ts";
import type { Challenge } from "#registry/client/challenge.ts";
import type { Credential } from "#registry/client/credentials.ts";
import { sharedWork } from "#registry/client/sharedWork.ts";
import type { SharedWork } from "#registry/client/sharedWork.ts";

/** What a request needs to be allowed: reading, or reading and writing, in one repository. */
export interface Scope {
  readonly repository: string;
  readonly actions: "pull" | "pull,push";
}

export interface AuthorityOptions {
  readonly send: Send;
  readonly url: URL;
  readonly challenges: readonly Challenge[];
  readonly credential: Credential | undefined;
  readonly allowHttp: boolean;
}

/** Makes the Authorization of requests to one registry. */
export interface Authority {
  /** There is a credential, and it stays here because the registry is plain http. */
  readonly withholds: boolean;
  /** Value of the header, or undefined where none is wanted or possible. Tokens are kept per scope until they expire. */
  readonly authorize: (ctx: Ctx, scope: Scope) => Promise<string | undefined>;
  /** Takes in what a 401 says, and drops the authorization that it was the answer to. */
  readonly learn: (scope: Scope, challenges: readonly Challenge[], refused: string | undefined) => void;
}

export const createAuthority = (options: AuthorityOptions): Authority => {
  const withholds = options.credential !== undefined && options.url.protocol === "http:" && !options.allowHttp;
  const credential = withholds ? undefined : options.credential;
  const tokens = new Map<string, SharedWork<AccessToken>>();
  const wanted = new Map<string, string>();
  const refusals = new Set<string>();
  let { challenges } = options;

  const tokenFor = (scope: string): SharedWork<AccessToken> => {
    const known = tokens.get(scope);
    if (known !== undefined) return known;
    const fetchToken = (ctx: Ctx): Promise<AccessToken> =>
      fetchAccessToken(options.send, ctx, {
        challenge: bearerOf(challenges) ?? NO_CHALLENGE,
        // What the registry itself says it wants goes before what we think it wants.
        scope: wanted.get(scope) ?? scope,
        origin: options.url,
        credential: credential?.kind === "bearer" ? undefined : credential,
      });
    const isGood = ({ token, usableUntil }: AccessToken, ctx: Ctx): boolean =>
      ctx.clock.now() < usableUntil && !refusals.has(bearer(token));
    const work = sharedWork(fetchToken, isGood);
    tokens.set(scope, work);
    return work;
  };

  return {
    withholds,
    authorize: async (ctx, scope) => {
      if (challenges.length === 0) return undefined;
      if (credential?.kind === "bearer") return bearer(credential.token);
      if (bearerOf(challenges) !== undefined) return bearer((await tokenFor(scopeText(scope))(ctx)).token);
      const basic = challenges.some(({ scheme }) => scheme === "basic");
      return basic && credential?.kind === "password" ? basicAuthorization(credential) : undefined;
    },
    learn: (scope, learned, refused) => {
      if (refused !== undefined) refusals.add(refused);
      if (learned.length > 0) challenges = learned;
      const theirs = bearerOf(learned)?.parameters.get("scope");
      if (theirs !== undefined) wanted.set(scopeText(scope), theirs);
    },
  };
};

const NO_CHALLENGE: Challenge = { scheme: "bearer", parameters: new Map() };

const bearerOf = (challenges: readonly Challenge[]): Challenge | undefined =>
  challenges.find(({ scheme }) => scheme === "bearer");

const bearer = (token: string): string => `Bearer ${token}`;

const scopeText = ({ repository, actions }: Scope): string => `repository:${repository}:${actions}`;
