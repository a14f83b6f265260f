import { createHash } from "node:crypto";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { KeptReply } from "#records/keptReply.ts";
import type { Records, RecordStore } from "#records/recordStore.ts";
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

/** Keeps an answer together with the change that it tells of: neither is there without the other, whenever the process dies. */
export type KeepReply = (records: Records, reply: Reply) => Promise<void>;

/**
 * Runs a write at most once for its key (draft-ietf-httpapi-idempotency-key-header-07). What went well is kept for 24 hours and
 * given again; what failed may be tried again. A work that does not keep its reply by itself, with its change, must not mind
 * being done again: the process may die before the reply is kept. IDEMPOTENCY_MISMATCH, IDEMPOTENCY_BUSY.
 */
export const runOnce =
  (store: RecordStore) =>
  async (ctx: Ctx, once: Once, work: (keepReply: KeepReply) => Promise<Reply>): Promise<Reply> => {
    if (once.key === undefined) return work(async () => undefined);
    const entry = entryOf(once, once.key, ctx.clock.now());
    const earlier = await begin(store, ctx, entry);
    if (earlier !== undefined) return earlier;
    // What came of it is written down although the client has gone: its repeat is what the key is for.
    const lasting = { ...ctx, signal: new AbortController().signal };
    let kept = false;
    const keepReply = async (records: Records, answer: Reply): Promise<void> => {
      if (!(await isOurs(records, entry)))
        throw busy("a repeat of this request was begun, since this one took too long");
      await records.replies.put({ ...entry, reply: keepable(answer, once.shownOnce) });
      kept = true;
    };
    const reply = await work(keepReply).catch(async (error: unknown) => {
      await store.write(lasting, async (records) => {
        if (await isOurs(records, entry)) await records.replies.remove(entry.tenant, entry.key);
      });
      throw error;
    });
    if (!kept) {
      await store.write(lasting, async (records) => {
        if (await isOurs(records, entry)) await keepReply(records, reply);
      });
    }
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

/** False once a repeat has taken the key over: what this request would still do is done by that one. */
const isOurs = async (records: Records, { tenant, key, createdAt }: KeptReply): Promise<boolean> => {
  const found = await records.replies.find(tenant, key);
  return found !== undefined && found.reply === undefined && found.createdAt === createdAt;
};

const busy = (reason: string): WaybillError => new WaybillError("IDEMPOTENCY_BUSY", reason);

const again = (found: KeptReply, entry: KeptReply): Reply => {
  if (found.request !== entry.request) throw new WaybillError("IDEMPOTENCY_MISMATCH", "another request had this key");
  if (found.reply === undefined) throw busy("the first request is still under way");
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
