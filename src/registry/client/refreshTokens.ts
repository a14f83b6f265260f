import { hasCode } from "#core/errors.ts";
import { limit } from "#core/limit.ts";
import type { AccessToken } from "#registry/client/accessToken.ts";
import type { Credential } from "#registry/client/credentials.ts";

/** The refresh tokens of one registry that took the place of others (RFC 6749 section 6). */
export interface RefreshTokens {
  /** Buys with the credential, or with the token that replaced it. Others are bought with one after another. */
  readonly spend: (
    credential: Credential | undefined,
    buy: (credential: Credential | undefined) => Promise<AccessToken>,
  ) => Promise<AccessToken>;
}

/**
 * Kept for the life of the session and nowhere else. A service that replaces refresh tokens may take each of them only
 * once, so that no two are under way together.
 */
export const keepRefreshTokens = (): RefreshTokens => {
  const replaced = new Map<string, string>();
  const oneByOne = limit(1);
  return {
    spend: (credential, buy) => {
      if (credential?.kind !== "refresh") return buy(credential);
      return oneByOne(async () => {
        const token = replaced.get(credential.token) ?? credential.token;
        try {
          const bought = await buy({ kind: "refresh", token });
          if (bought.refreshToken !== undefined) replaced.set(credential.token, bought.refreshToken);
          return bought;
        } catch (error) {
          if (hasCode(error, "AUTH_REQUIRED")) replaced.delete(credential.token);
          throw error;
        }
      });
    },
  };
};
