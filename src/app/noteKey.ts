import type { Ctx } from "#core/ctx.ts";
import type { PublicKey } from "#core/keyAlgorithm.ts";
import { ALL_TENANTS } from "#records/build.ts";
import type { Records } from "#records/recordStore.ts";
import type { ServiceKey } from "#records/serviceKey.ts";
import { formatPublicKey, keyFingerprint } from "#trust/publicKey.ts";
import type { ServiceDeps } from "#app/serviceDeps.ts";

/** What a process knows of the service's keys. */
export type KeyNote =
  /** It has begun to sign with this one, so that what was current before is replaced. */
  | { readonly kind: "loaded"; readonly key: PublicKey }
  /** It goes on signing with this one, or has none; another process may have noted otherwise. */
  | { readonly kind: "held"; readonly key: PublicKey | undefined }
  /** It has none, and had this one; undefined: it has just started. */
  | { readonly kind: "lost"; readonly key: PublicKey | undefined }
  /** Papers that were found in a registry were verified with these. */
  | { readonly kind: "found"; readonly keys: readonly PublicKey[] };

export interface KeyNoteInput {
  /** As `AuditEvent.actor`. */
  readonly by: string;
  readonly note: KeyNote;
}

/**
 * Keeps the keys of the service up to date, and gives them all, those in use first. What is as noted already is not noted again,
 * so that of several processes with one key one writes. Of processes with different keys each says what it signs with: both keys
 * are current then. A change is one write: the key, an audit entry and a live event, which every tenant sees.
 */
export const noteKey =
  (deps: Pick<ServiceDeps, "store">) =>
  async (ctx: Ctx, { by, note }: KeyNoteInput): Promise<readonly ServiceKey[]> => {
    const known = await deps.store.read(ctx, (records) => records.keys.list());
    if (changesOf(known, note, 0).length === 0) return known;
    return deps.store.write(ctx, async (records) => {
      const at = ctx.clock.now();
      const changed = changesOf(await records.keys.list(), note, at);
      for (const key of changed) {
        await records.keys.put(key);
        await tell(records, { key, at, by, action: note.kind === "found" ? "store.rebuild" : ACTIONS[key.state] });
      }
      return records.keys.list();
    });
  };

const keyId = (key: PublicKey): string => `sha256:${keyFingerprint(key)}`;

const ACTIONS: Readonly<Record<ServiceKey["state"], string>> = { current: "key.load", retired: "key.retire" };

const changesOf = (known: readonly ServiceKey[], note: KeyNote, at: number): readonly ServiceKey[] => {
  const inUse = known.filter(({ state }) => state === "current");
  if (note.kind === "found") {
    const fresh = note.keys.filter((key) => known.every(({ id }) => id !== keyId(key)));
    return fresh.map((key) => retired(newKey(key, at), at));
  }
  const named = note.key && keyId(note.key);
  if (note.kind === "lost") {
    return inUse.filter(({ id }) => named === undefined || id === named).map((key) => retired(key, at));
  }
  if (note.key === undefined) return [];
  const mine = known.find(({ id }) => id === named) ?? newKey(note.key, at);
  const begun = inUse.some(({ id }) => id === named) ? [] : [current(mine)];
  if (note.kind === "held") return begun;
  return [...inUse.filter(({ id }) => id !== named).map((key) => retired(key, at)), ...begun];
};

const newKey = (key: PublicKey, at: number): ServiceKey => ({
  id: keyId(key),
  pem: formatPublicKey(key),
  algorithm: key.kind,
  state: "current",
  firstSeenAt: at,
  retiredAt: undefined,
});

const current = (key: ServiceKey): ServiceKey => ({ ...key, state: "current", retiredAt: undefined });
const retired = (key: ServiceKey, at: number): ServiceKey => ({ ...key, state: "retired", retiredAt: at });

interface Told {
  readonly key: ServiceKey;
  readonly at: number;
  readonly by: string;
  readonly action: string;
}

const tell = async (records: Records, { key, at, by, action }: Told): Promise<void> => {
  const { id, state, algorithm } = key;
  const event = { at, tenant: ALL_TENANTS, actor: by, action, object: `keys/${id}`, requestId: undefined };
  await records.audit.append({ ...event, detail: { state, algorithm } });
  const place = { at, tenant: ALL_TENANTS, app: undefined, build: undefined, operation: undefined };
  await records.events.append({ ...place, kind: "key", state });
};
