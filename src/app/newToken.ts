import { createHash } from "node:crypto";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { Tenant } from "#records/build.ts";
import type { Records } from "#records/recordStore.ts";
import { ROLES } from "#records/token.ts";
import type { Role, Token } from "#records/token.ts";
import { checkName } from "#app/checkName.ts";
import type { ServiceDeps } from "#app/serviceDeps.ts";

export interface TokenDeps extends ServiceDeps {
  /** `wbt_` and 32 random bytes as base64url without padding. */
  readonly newSecret: () => string;
}

export interface TokenFacts {
  /** As `AuditEvent.actor`. */
  readonly by: string;
  readonly tenant: Tenant;
  readonly name: string;
  readonly role: Role;
  /** Milliseconds since 1970; undefined: never. */
  readonly expiresAt: number | undefined;
  readonly requestId: string | undefined;
}

/** A token and what proves it: `secret` is shown once, only its hash is kept. */
export interface MadeToken {
  readonly token: Token;
  readonly secret: string;
}

/** A token that is not kept yet, and the writing of it, for the write that decides whether it is. INPUT_INVALID naming the field. */
export const newToken = (
  deps: TokenDeps,
  ctx: Ctx,
  facts: TokenFacts,
): MadeToken & { readonly keep: (records: Records) => Promise<void> } => {
  const at = ctx.clock.now();
  const secret = checkSecret(deps.newSecret());
  const token: Token = {
    id: deps.newId(),
    tenant: checkName(facts.tenant, "tenant"),
    name: checkTokenName(facts.name),
    role: checkRole(facts.role),
    hash: createHash("sha256").update(secret).digest("hex"),
    createdAt: at,
    expiresAt: checkExpiry(facts.expiresAt, at),
    revokedAt: undefined,
  };
  const { id, tenant, name, role } = token;
  const keep = async (records: Records): Promise<void> => {
    await records.tokens.insert(token);
    const { by: actor, requestId } = facts;
    const event = { at, tenant, actor, action: "token.create", object: `tokens/${id}`, requestId };
    await records.audit.append({ ...event, detail: { name, role } });
  };
  return { token, secret, keep };
};

/** A source of randomness that gives less than it should must not become a token. */
const checkSecret = (secret: string): string => {
  if (/^wbt_[A-Za-z0-9_-]{43}$/.test(secret)) return secret;
  throw new WaybillError("INTERNAL", "a token was made of too little randomness");
};

/** It is for people to read, so it may hold blanks. */
const checkTokenName = (name: string): string => {
  if (/^\S(?:.*\S)?$/u.test(name) && name.length <= 128 && !/\p{Cc}/u.test(name) && name.isWellFormed()) return name;
  throw invalid("name", "is not 1 to 128 printable characters");
};

const checkRole = (role: Role): Role => {
  if (ROLES.includes(role)) return role;
  throw invalid("role", `is none of ${ROLES.join(", ")}`);
};

const checkExpiry = (expiresAt: number | undefined, now: number): number | undefined => {
  if (expiresAt === undefined || (Number.isSafeInteger(expiresAt) && expiresAt > now)) return expiresAt;
  throw invalid("expires_at", "is not a moment that is still to come");
};

const invalid = (field: string, reason: string): WaybillError =>
  new WaybillError("INPUT_INVALID", `${field} ${reason}`, { details: { field } });
