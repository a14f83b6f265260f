import { hash as hashOf, timingSafeEqual } from "node:crypto";
import type { Ctx } from "#core/ctx.ts";
import { tokenActor } from "#records/token.ts";
import type { Principal } from "#records/token.ts";
import type { ServiceDeps } from "#app/serviceDeps.ts";

// "wbt_" and 32 random bytes as base64url; everything else is not even looked for.
const SECRET = /^wbt_[A-Za-z0-9_-]{43}$/;

/**
 * Who a local token speaks for; undefined for one that is malformed, unknown, expired or revoked, which nobody can tell
 * apart. It is found by its SHA-256, so how long that takes says nothing about the token itself.
 */
export const authenticate =
  (deps: Pick<ServiceDeps, "store">) =>
  async (ctx: Ctx, secret: string): Promise<Principal | undefined> => {
    if (!SECRET.test(secret)) return undefined;
    const hash = hashOf("sha256", secret);
    const token = await deps.store.read(ctx, (records) => records.tokens.findByHash(hash));
    if (token === undefined || !sameHash(token.hash, hash)) return undefined;
    if (token.revokedAt !== undefined) return undefined;
    if (token.expiresAt !== undefined && token.expiresAt <= ctx.clock.now()) return undefined;
    const { id, tenant, role } = token;
    return { tenant, role, actor: tokenActor(token), quota: `token:${id}` };
  };

/** A store whose comparison is lax (collations, blanks) must not let a near miss in. */
const sameHash = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
