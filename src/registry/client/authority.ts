import type { Ctx } from "#core/ctx.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import { trimOldest } from "#core/trimOldest.ts";
import type { Send } from "#net/send.ts";
import { basicAuthorization, fetchAccessToken } from "#registry/client/accessToken.ts";
import type { AccessToken } from "#registry/client/accessToken.ts";
import type { Challenge } from "#registry/client/challenge.ts";
import type { Credential, FoundCredential } from "#registry/client/credentials.ts";
import type { KeptCredential } from "#registry/client/keepCredential.ts";
import type { RefreshTokens } from "#registry/client/refreshTokens.ts";
import { sharedWork } from "#registry/client/sharedWork.ts";
import type { SharedWork } from "#registry/client/sharedWork.ts";

/** What a request needs to be allowed: reading, or reading and writing, in one repository. */
export interface Scope {
  readonly repository: string;
  readonly actions: "pull" | "pull,push";
  /** Another repository of the registry that is read as well: whence a blob is mounted. */
  readonly from?: string;
}

export interface AuthorityOptions {
  readonly send: Send;
  /** Canonical name of the registry, for messages. */
  readonly registry: string;
  readonly url: URL;
  readonly challenges: readonly Challenge[];
  readonly credential: KeptCredential;
  readonly refreshTokens: RefreshTokens;
  readonly allowHttp: boolean;
}

/** Makes the Authorization of requests to one repository, or to a registry as a whole. */
export interface Authority {
  /**
   * Value of the header, or undefined where none is wanted or possible. Tokens are kept per scope until they expire.
   * Without a scope it opens the registry's own door, `/v2/`.
   */
  readonly authorize: (ctx: Ctx, scope: Scope | undefined) => Promise<string | undefined>;
  /** Takes in what a 401 says, drops the authorization that it was the answer to, and asks for another credential. */
  readonly learn: (
    ctx: Ctx,
    scope: Scope | undefined,
    challenges: readonly Challenge[],
    refused: string | undefined,
  ) => Promise<void>;
  /** The same error, and which credential it is about. */
  readonly explain: (error: WaybillError) => WaybillError;
}

// Only what is still in use need be known: a token that was refused is bought anew at once.
const MAX_REFUSALS = 100;

export const createAuthority = (options: AuthorityOptions): Authority => {
  const isOpen = options.url.protocol === "http:" && !options.allowHttp;
  const tokens = new Map<string, SharedWork<AccessToken>>();
  const wanted = new Map<string, string>();
  const refusals = new Set<string>();
  let { challenges } = options;
  let seen: { readonly found: FoundCredential | undefined } | undefined;

  const find = async (ctx: Ctx): Promise<FoundCredential | undefined> => {
    seen = { found: await options.credential.find(ctx) };
    return isOpen ? undefined : seen.found;
  };

  const buyToken = (ctx: Ctx, scope: string, credential: Credential | undefined): Promise<AccessToken> =>
    options.refreshTokens.spend(credential, (spent) =>
      fetchAccessToken(options.send, ctx, {
        challenge: bearerOf(challenges) ?? NO_CHALLENGE,
        // What the registry itself says it wants goes before what we think it wants.
        scope: wanted.get(scope) ?? scope,
        origin: options.url,
        credential: spent?.kind === "bearer" ? undefined : spent,
      }),
    );

  const tokenFor = (scope: string): SharedWork<AccessToken> => {
    const known = tokens.get(scope);
    if (known !== undefined) return known;
    const fetchToken = async (ctx: Ctx): Promise<AccessToken> => {
      const found = await find(ctx);
      try {
        return await buyToken(ctx, scope, found?.credential);
      } catch (error) {
        if (!hasCode(error, "AUTH_REQUIRED", "AUTH_DENIED") || isOpen) throw error;
        // Somebody may have logged in since, or a cloud's token has expired.
        const other = await options.credential.renew(ctx, found);
        if (other === undefined) throw error;
        seen = { found: other };
        return buyToken(ctx, scope, other.credential);
      }
    };
    const isGood = ({ token, usableUntil }: AccessToken, ctx: Ctx): boolean =>
      ctx.clock.now() < usableUntil && !refusals.has(bearer(token));
    const work = sharedWork(fetchToken, isGood);
    tokens.set(scope, work);
    return work;
  };

  const authorize: Authority["authorize"] = async (ctx, scope) => {
    if (challenges.length === 0) return undefined;
    const credential = (await find(ctx))?.credential;
    if (credential?.kind === "bearer") return bearer(credential.token);
    if (bearerOf(challenges) !== undefined) return bearer((await tokenFor(scopeText(scope))(ctx)).token);
    const basic = challenges.some(({ scheme }) => scheme === "basic");
    return basic && credential?.kind === "password" ? basicAuthorization(credential) : undefined;
  };

  const explain = (error: WaybillError): WaybillError =>
    hasCode(error, "AUTH_REQUIRED", "AUTH_DENIED") ? explainRefusal(error, options.registry, seen, isOpen) : error;

  return {
    authorize: async (ctx, scope) => {
      try {
        return await authorize(ctx, scope);
      } catch (error) {
        throw error instanceof WaybillError ? explain(error) : error;
      }
    },
    learn: async (ctx, scope, learned, refused) => {
      if (refused !== undefined) refusals.add(refused);
      trimOldest(refusals, MAX_REFUSALS);
      if (learned.length > 0) challenges = learned;
      const theirs = bearerOf(learned)?.parameters.get("scope");
      if (theirs !== undefined) wanted.set(scopeText(scope), theirs);
      // A token that was bought is bought anew; what was sent as it is must be another one.
      const found = seen?.found;
      if (seen !== undefined && (found === undefined || refused === asItIs(found.credential)))
        await options.credential.renew(ctx, found);
    },
    explain,
  };
};

const NO_CHALLENGE: Challenge = { scheme: "bearer", parameters: new Map() };

const bearerOf = (challenges: readonly Challenge[]): Challenge | undefined =>
  challenges.find(({ scheme }) => scheme === "bearer");

const bearer = (token: string): string => `Bearer ${token}`;

const asItIs = (credential: Credential): string =>
  credential.kind === "password" ? basicAuthorization(credential) : bearer(credential.token);

const scopeText = (scope: Scope | undefined): string => {
  if (scope === undefined) return "";
  const { repository, actions, from } = scope;
  return `repository:${repository}:${actions}${from === undefined ? "" : ` repository:${from}:pull`}`;
};

/**
 * Where the credential came from stands in the hint: a service shows its tenants the message, and its own files are none of
 * their business.
 */
const explainRefusal = (
  error: WaybillError,
  registry: string,
  seen: { readonly found: FoundCredential | undefined } | undefined,
  isOpen: boolean,
): WaybillError => {
  const from = seen?.found?.from;
  if (from !== undefined && isOpen) {
    const message = `${error.message}; credentials for it are known, and not sent over plain http`;
    return new WaybillError("AUTH_INSECURE", message, { cause: error });
  }
  if (seen === undefined) return error;
  return new WaybillError(error.code, error.message, {
    hint: from === undefined ? unknown(registry) : `The credential is that of ${from}. ${remedy(error, registry)}`,
    cause: error.cause,
    details: error.details,
  });
};

const unknown = (registry: string): string =>
  `No credential for ${registry} is known. Log in with waybill login ${registry}, or give --registry-username and --registry-password.`;

const remedy = (error: WaybillError, registry: string): string =>
  error.code === "AUTH_DENIED"
    ? "It may not do this; ask for pull (and push) rights on the repository, unless the registry's words give another reason, such as a quota."
    : `If it is no longer good, log in again with waybill login ${registry}.`;
