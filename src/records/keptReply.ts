import type { Tenant } from "#records/build.ts";

/** The answer to a request with an Idempotency-Key, kept to be given again. */
export interface KeptReply {
  readonly tenant: Tenant;
  readonly key: string;
  /** SHA-256, hex, of method, path and body. */
  readonly request: string;
  /** Undefined while the request is under way. */
  readonly reply: { readonly status: number; readonly location: string | undefined; readonly body: string } | undefined;
  readonly createdAt: number;
}
