import type { askGate } from "#app/askGate.ts";
import type { buildPapers } from "#app/buildPapers.ts";
import type { cancelOperation } from "#app/cancelOperation.ts";
import type { createToken } from "#app/createToken.ts";
import type { registerBuild } from "#app/registerBuild.ts";
import type { requestIssue } from "#app/requestIssue.ts";
import type { revokeToken } from "#app/revokeToken.ts";
import type { Clock } from "#core/clock.ts";
import type { Ctx, Log } from "#core/ctx.ts";
import type { RecordStore } from "#records/recordStore.ts";
import type { Principal } from "#records/token.ts";

/** What the API needs of the rest: use cases applied to their own needs, the store for reading, and the service's keys. */
export interface ApiDeps {
  readonly store: RecordStore;
  /** UUIDv7. */
  readonly newId: () => string;
  /** Undefined for a token that is unknown, expired or revoked. */
  readonly authenticate: (ctx: Ctx, bearer: string) => Promise<Principal | undefined>;
  readonly registerBuild: ReturnType<typeof registerBuild>;
  readonly requestIssue: ReturnType<typeof requestIssue>;
  readonly askGate: ReturnType<typeof askGate>;
  readonly cancelOperation: ReturnType<typeof cancelOperation>;
  readonly buildPapers: ReturnType<typeof buildPapers>;
  readonly createToken: ReturnType<typeof createToken>;
  readonly revokeToken: ReturnType<typeof revokeToken>;
  /** The key in use: SPKI PEM, and `sha256:` with the hex of the SPKI's SHA-256. Undefined while there is none. */
  readonly serviceKey: () => { readonly pem: string; readonly id: string } | undefined;
  /** Ids of the service's keys, retired ones too; the one in use counts in any case. */
  readonly signingKeys: () => readonly string[];
  /**
   * `signal` ends with the request. What is `lasting` ends when the service drains, too; nothing else does, since a request
   * under way is answered.
   */
  readonly makeCtx: (facts: {
    readonly signal: AbortSignal;
    readonly requestId: string;
    readonly lasting: boolean;
  }) => Ctx;
  /** Aborts when the service is about to stop: whoever waits for an answer gets one. */
  readonly draining: AbortSignal;
  /** Hears how much is open whenever that changes. */
  readonly watch: (what: "event streams" | "waiting requests", count: number) => void;
  readonly clock: Clock;
  readonly rateLimit: "on" | "off";
  readonly log: Log;
}
