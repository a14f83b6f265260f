import type { Tenant } from "#records/build.ts";

/** reader: reads; builder: registers and issues too; auditor: reads, the audit log too; operator: everything. */
export const ROLES = ["reader", "builder", "auditor", "operator"] as const;
export type Role = (typeof ROLES)[number];

/** What a route needs. */
export const PERMISSIONS = ["read", "build", "audit", "operate"] as const;
export type Permission = (typeof PERMISSIONS)[number];

const ALLOWED: Readonly<Record<Role, readonly Permission[]>> = {
  reader: ["read"],
  builder: ["read", "build"],
  auditor: ["read", "audit"],
  operator: ["read", "build", "audit", "operate"],
};

export const mayDo = (role: Role, permission: Permission): boolean => ALLOWED[role].includes(permission);

/** A token that the service itself gave out. The token is never kept, only its hash. */
export interface Token {
  /** UUIDv7. */
  readonly id: string;
  readonly tenant: Tenant;
  readonly name: string;
  readonly role: Role;
  /** SHA-256 of the token, hex: it has 256 random bits, so nothing slower is needed. */
  readonly hash: string;
  readonly createdAt: number;
  /** Undefined: never. */
  readonly expiresAt: number | undefined;
  readonly revokedAt: number | undefined;
}

/**
 * What the audit log calls whoever uses a token. Names are for people and may repeat, so the last group of the id's UUID
 * (48 random bits) goes with it; it is what follows the last `#`.
 */
export const tokenActor = ({ id, name }: Pick<Token, "id" | "name">): string => `token:${name}#${id.slice(-12)}`;

/** Who asks: a token of the service's own, or an identity that an OIDC issuer vouches for. */
export interface Principal {
  readonly tenant: Tenant;
  readonly role: Role;
  /** For the audit log: see `tokenActor`, or `oidc:SUBJECT`; never the token. */
  readonly actor: string;
  /** What rate limits count by; one for each token. */
  readonly quota: string;
}
