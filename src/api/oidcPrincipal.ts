import { createHash } from "node:crypto";
import type { Principal, Role } from "#records/token.ts";

/** Names of the claims that carry a token's tenant and roles. */
export interface ClaimNames {
  readonly tenant: string;
  /** A list of `{role, scope}` or of words. */
  readonly roles: string;
  /** A single word. */
  readonly role: string;
}

export const CLAIM_NAMES: ClaimNames = { tenant: "tenant_id", roles: "roles", role: "role" };

// Of several roles the first of these counts.
const RANK: Readonly<Record<Role, number>> = { operator: 0, builder: 1, auditor: 2, reader: 3 };

// No `.` or `..`: a tenant's name becomes a part of paths.
const TENANT = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
// OpenID Connect Core section 2: at most 255 characters. Control and format characters could forge lines of a log.
const SUBJECT = /^[^\p{C}\p{Zl}\p{Zp}]{1,255}$/u;

/** Who a token's claims speak of; undefined where tenant, subject or a known role is missing. `claims` are verified ones. */
export const principalOf = (
  claims: Readonly<Record<string, unknown>>,
  issuer: string,
  names: ClaimNames,
): Principal | undefined => {
  const tenant = own(claims, names.tenant);
  const subject = own(claims, "sub");
  if (typeof tenant !== "string" || !TENANT.test(tenant)) return undefined;
  if (typeof subject !== "string" || !SUBJECT.test(subject)) return undefined;
  const role = readRole(claims, tenant, names);
  if (role === undefined) return undefined;
  const identity = createHash("sha256")
    .update(JSON.stringify([issuer, subject]))
    .digest("hex");
  return { tenant, role, actor: `oidc:${subject}`, quota: `oidc:${identity}` };
};

const readRole = (claims: Readonly<Record<string, unknown>>, tenant: string, names: ClaimNames): Role | undefined => {
  const roles = own(claims, names.roles);
  const listed = Array.isArray(roles) ? roles.map((one: unknown) => roleFor(one, tenant)) : [];
  return [...listed, own(claims, names.role)].filter(isRole).toSorted((a, b) => RANK[a] - RANK[b])[0];
};

/** The role that an entry gives over the whole tenant; one for a narrower scope (an app) gives none. */
const roleFor = (entry: unknown, tenant: string): unknown => {
  if (typeof entry !== "object" || entry === null) return entry;
  const scope = own(entry, "scope");
  return scope === undefined || scope === "*" || scope === `tenant:${tenant}` ? own(entry, "role") : undefined;
};

const isRole = (value: unknown): value is Role => typeof value === "string" && Object.hasOwn(RANK, value);

const own = (object: object, name: string): unknown =>
  Object.hasOwn(object, name) ? (object as Readonly<Record<string, unknown>>)[name] : undefined;
