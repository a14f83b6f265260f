import { createHash } from "node:crypto";
import type { Tenant } from "#records/build.ts";

/** What happened, before it has its place in the chain. */
export interface AuditEvent {
  readonly at: number;
  readonly tenant: Tenant;
  /** `token:NAME#ID` (see `tokenActor`), `oidc:SUBJECT`, `worker`, `service` for what it does by itself, `cli`. */
  readonly actor: string;
  /** Such as `build.register`. */
  readonly action: string;
  /** Such as `apps/my-app/builds/build-1`. */
  readonly object: string;
  readonly requestId: string | undefined;
  readonly detail: Readonly<Record<string, string>>;
}

/**
 * An event in its place: `hash` covers it and, through `prevHash`, all before it. `seq` alone is the order: `at` is what the
 * writer's clock said, which may have been set back in between.
 */
export interface AuditEntry extends AuditEvent {
  /** From 1 on, without gaps. */
  readonly seq: number;
  readonly prevHash: string;
  readonly hash: string;
}

/** What the first entry follows. */
export const AUDIT_START = "0".repeat(64);

/** The entry that follows one with `prevHash`; its hash is SHA-256, hex, over a fixed order of fields as JSON. */
export const chainEntry = (event: AuditEvent, seq: number, prevHash: string): AuditEntry => ({
  ...event,
  seq,
  prevHash,
  hash: hashOf(event, seq, prevHash),
});

/** The first entry that does not fit the one before it, undefined where all do. Entries in their order, from `seq` 1 on. */
export const findBreak = (
  entries: readonly AuditEntry[],
  after = { seq: 0, hash: AUDIT_START },
): number | undefined => {
  let { seq, hash } = after;
  for (const entry of entries) {
    const fits = entry.seq === seq + 1 && entry.prevHash === hash && entry.hash === hashOf(entry, entry.seq, hash);
    if (!fits) return entry.seq;
    ({ seq, hash } = entry);
  }
  return undefined;
};

const hashOf = (event: AuditEvent, seq: number, prevHash: string): string => {
  const { at, tenant, actor, action, object, requestId, detail } = event;
  const sorted = Object.entries(detail).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify([seq, prevHash, at, tenant, actor, action, object, requestId ?? null, sorted]);
  return createHash("sha256").update(text).digest("hex");
};
