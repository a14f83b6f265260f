import { createHash } from "node:crypto";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { Tenant } from "#records/build.ts";
import { ROLES } from "#records/token.ts";
import type { Role, Token } from "#records/token.ts";
import { checkName } from "#app/checkName.ts";
import type { ServiceDeps } from "#app/serviceDeps.ts";

export interface CreateTokenDeps extends ServiceDeps {
  /** `wbt_` and 32 random bytes as base64url without padding. */
  readonly newSecret: () => string;
}

export interface CreateTokenInput {
  /** As `AuditEvent.actor`. */
  readonly by: string;
  readonly tenant: Tenant;
  readonly name: string;
  readonly role: Role;
  /** Milliseconds since 1970; undefined: never. */
  readonly expiresAt: number | undefined;
}

/** Makes a token of the service's own. `secret` is shown once: only its hash is kept. INPUT_INVALID naming the field. */
export const createToken =
  (deps: CreateTokenDeps) =>
  async (ctx: Ctx, input: CreateTokenInput): Promise<{ readonly token: Token; readonly secret: string }> => {
    const at = ctx.clock.now();
    const secret = checkSecret(deps.newSecret());
    const token: Token = {
      id: deps.newId(),
      tenant: checkName(input.tenant, "tenant"),
      name: checkTokenName(input.name),
      role: checkRole(input.role),
      hash: createHash("sha256").update(secret).digest("hex"),
      createdAt: at,
      expiresAt: checkExpiry(input.expiresAt, at),
      revokedAt: undefined,
    };
    await deps.store.write(ctx, async (records) => {
      await records.tokens.insert(token);
      const { id, tenant, name, role } = token;
      const event = { at, tenant, actor: input.by, action: "token.create", object: `tokens/${id}` };
      await records.audit.append({ ...event, requestId: undefined, detail: { name, role } });
    });
    return { token, secret };
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
