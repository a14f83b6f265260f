import type { Ctx } from "#core/ctx.ts";

/** Who logs in where; `registry` is the canonical name. */
export interface Login {
  readonly registry: string;
  readonly username: string;
  readonly password: string;
}

/** What keeps logins. */
export interface LoginKeeper {
  /** Asks the registry; `unasked`: it wants no credentials, so that nobody knows whether these are good. */
  readonly check: (ctx: Ctx, login: Login) => Promise<"accepted" | "unasked">;
  /** Resolves to the place, for people. */
  readonly store: (ctx: Ctx, login: Login) => Promise<string>;
  /** Undefined where nothing was kept; else the place. */
  readonly erase: (ctx: Ctx, registry: string) => Promise<string | undefined>;
  /** Where else a credential for the registry is still found. */
  readonly findElsewhere: (ctx: Ctx, registry: string) => Promise<string | undefined>;
}

export interface LoggedIn {
  readonly place: string;
  readonly checked: "accepted" | "unasked";
}

/** Keeps a login that the registry accepts; nothing is kept of one that it refuses. */
export const logIn =
  (keeper: Pick<LoginKeeper, "check" | "store">) =>
  async (ctx: Ctx, login: Login): Promise<LoggedIn> => {
    const checked = await keeper.check(ctx, login);
    return { checked, place: await keeper.store(ctx, login) };
  };

export interface LoggedOut {
  readonly place: string | undefined;
  readonly elsewhere: string | undefined;
}

/** Forgets a login, and tells what still knows one. */
export const logOut =
  (keeper: Pick<LoginKeeper, "erase" | "findElsewhere">) =>
  async (ctx: Ctx, registry: string): Promise<LoggedOut> => {
    const place = await keeper.erase(ctx, registry);
    return { place, elsewhere: await keeper.findElsewhere(ctx, registry) };
  };
