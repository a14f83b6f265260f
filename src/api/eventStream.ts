import type { Ctx } from "#core/ctx.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import type { Tenant } from "#records/build.ts";
import type { LiveEvent } from "#records/liveEvent.ts";
import type { RecordStore } from "#records/recordStore.ts";
import { viewTime } from "#api/views.ts";

export interface StreamInput {
  readonly tenant: Tenant;
  /** Streams of one token are counted by it. */
  readonly quota: string;
  /** The last event that was seen. */
  readonly after: number;
  readonly stillValid: () => Promise<boolean>;
}

export interface EventStreams {
  /** RATE_EXCEEDED where too many are open. */
  readonly open: (ctx: Ctx, input: StreamInput) => ReadableStream<Uint8Array>;
}

const POLL_MS = 500;
// Proxies close what is silent for 30 to 60 seconds; a revoked token sees events no longer than this.
const HEARTBEAT_MS = 15_000;
const BATCH = 100;
// Each stream asks the store twice a second.
const MAX_STREAMS = 200;
const MAX_OF_ONE = 10;

/**
 * Streams of live events in the format of the HTML standard, 9.2.5; each ends with its request, its token or the service. `told`
 * hears how many are open whenever that changes.
 */
export const createEventStreams = (store: RecordStore, told: (open: number) => void): EventStreams => {
  const open = new Map<string, number>();
  const count = (quota: string, by: 1 | -1): void => {
    const left = (open.get(quota) ?? 0) + by;
    if (left === 0) open.delete(quota);
    else open.set(quota, left);
    told(countAll(open));
  };
  return {
    open: (ctx, input) => {
      if (countAll(open) >= MAX_STREAMS || (open.get(input.quota) ?? 0) >= MAX_OF_ONE) {
        throw new WaybillError("RATE_EXCEEDED", "too many event streams are open", { details: { seconds: 15 } });
      }
      return streamOf(ctx, (inner) => counted((by) => count(input.quota, by), eventTexts(store, inner, input)));
    },
  };
};

const countAll = (open: ReadonlyMap<string, number>): number => [...open.values()].reduce((sum, one) => sum + one, 0);

/** Nothing is read before somebody asks; whoever leaves wakes the generator, which would sleep and poll on otherwise. */
const streamOf = (ctx: Ctx, begin: (ctx: Ctx) => AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> => {
  const left = new AbortController();
  const chunks = begin({ ...ctx, signal: AbortSignal.any([ctx.signal, left.signal]) });
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const next = await chunks.next();
        if (left.signal.aborted) return;
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
      cancel: async () => {
        left.abort();
        await chunks.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
};

/** Counts a stream from when somebody first reads it (a HEAD never does) until it ends. */
async function* counted(count: (by: 1 | -1) => void, texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  count(1);
  try {
    for await (const text of texts) yield Buffer.from(text);
  } catch (error) {
    if (!hasCode(error, "ABORTED") && !isAbort(error)) throw error;
  } finally {
    count(-1);
  }
}

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === "AbortError";

async function* eventTexts(store: RecordStore, ctx: Ctx, input: StreamInput): AsyncGenerator<string> {
  let { after } = input;
  let beat = ctx.clock.now();
  // Something at once, so that the client knows that it is connected.
  yield ": connected\nretry: 2000\n\n";
  while (!ctx.signal.aborted) {
    const events = await store.read(ctx, (records) => records.events.list(input.tenant, after, BATCH));
    for (const event of events) {
      yield eventText(event);
      after = event.seq;
    }
    if (ctx.clock.now() - beat >= HEARTBEAT_MS) {
      if (!(await input.stillValid())) return;
      beat = ctx.clock.now();
      yield ": heartbeat\n\n";
    }
    if (events.length < BATCH) await ctx.clock.sleep(POLL_MS, ctx.signal);
  }
}

/** JSON has no line breaks, so that no name in it can end a field. */
const eventText = ({ seq, at, kind, app, build, operation, state }: LiveEvent): string => {
  const data = {
    at: viewTime(at),
    kind,
    app: app ?? null,
    build_id: build ?? null,
    operation: operation ?? null,
    state,
  };
  return `id: ${seq}\nevent: ${kind}\ndata: ${JSON.stringify(data)}\n\n`;
};
