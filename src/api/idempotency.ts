import { createHash } from "node:crypto";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { KeptReply } from "#records/keptReply.ts";
import type { RecordStore } from "#records/recordStore.ts";
import { json } from "#api/reply.ts";
import type { Reply } from "#api/reply.ts";

const KEEP_MS = 24 * 60 * 60_000;
// A request takes seconds; one that began longer ago died with its process, and its repeat must not wait a day.
const UNDER_WAY_MS = 60_000;

interface Once {
  readonly tenant: string;
  /** The Idempotency-Key header, undefined where there is none. */
  readonly key: string | undefined;
  /** Method and path without the version's prefix. */
  readonly target: string;
  readonly body: Uint8Array;
  readonly shownOnce: readonly string[];
}

/**
 * Runs a write at most once for its key (draft-ietf-httpapi-idempotency-key-header-07). What went well is kept for 24 hours and
 * given again; what failed may be tried again. IDEMPOTENCY_MISMATCH, IDEMPOTENCY_BUSY.
 */
export const runOnce =
  (store: RecordStore) =>
  async (ctx: Ctx, once: Once, work: () => Promise<Reply>): Promise<Reply> => {
    if (once.key === undefined) return work();
    const entry = entryOf(once, once.key, ctx.clock.now());
    const earlier = await begin(store, ctx, entry);
    if (earlier !== undefined) return earlier;
    // What came of it is written down although the client has gone: its repeat is what the key is for.
    const lasting = { ...ctx, signal: new AbortController().signal };
    const reply = await work().catch(async (error: unknown) => {
      await store.write(lasting, (records) => records.replies.remove(entry.tenant, entry.key));
      throw error;
    });
    const kept = keepable(reply, once.shownOnce);
    await store.write(lasting, (records) => records.replies.put({ ...entry, reply: kept }));
    return reply;
  };

const entryOf = ({ tenant, target, body }: Once, key: string, createdAt: number): KeptReply => {
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new WaybillError("REQUEST_INVALID", "Idempotency-Key has 1 to 255 visible ASCII characters", {
      details: { "/header/idempotency-key": "invalid-format" },
    });
  }
  const request = createHash("sha256").update(`${target}\n`).update(body).digest("hex");
  return { tenant, key, request, reply: undefined, createdAt };
};

/** Marks the request as under way, or gives the answer that it had before. */
const begin = (store: RecordStore, ctx: Ctx, entry: KeptReply): Promise<Reply | undefined> =>
  store.write(ctx, async (records) => {
    const found = await records.replies.find(entry.tenant, entry.key);
    const age = entry.createdAt - (found?.createdAt ?? 0);
    if (found !== undefined && age < (found.reply === undefined ? UNDER_WAY_MS : KEEP_MS)) return again(found, entry);
    await records.replies.put(entry);
    return undefined;
  });

const again = (found: KeptReply, entry: KeptReply): Reply => {
  if (found.request !== entry.request) throw new WaybillError("IDEMPOTENCY_MISMATCH", "another request had this key");
  if (found.reply === undefined) throw new WaybillError("IDEMPOTENCY_BUSY", "the first request is still under way");
  const { status, location, body } = found.reply;
  const headers = { "Idempotency-Replayed": "true", ...(location === undefined ? {} : { Location: location }) };
  return json(JSON.parse(body), status, headers);
};

/** Secrets are shown and not kept. */
const keepable = (reply: Reply, shownOnce: readonly string[]): NonNullable<KeptReply["reply"]> => {
  if (reply.kind !== "json") throw new WaybillError("INTERNAL", "only JSON can be kept for an Idempotency-Key");
  const body = JSON.stringify(reply.body, (name, value: unknown) => (shownOnce.includes(name) ? undefined : value));
  return { status: reply.status, location: reply.headers?.["Location"], body };
};
