import type { Ctx } from "#core/ctx.ts";
import { JOB_STATES } from "#main/serviceMeter.ts";
import type { Meter } from "#main/serviceMeter.ts";
import { withinTime } from "#main/withinTime.ts";
import type { RecordStore, Records } from "#records/recordStore.ts";

export interface ScrapeDeps {
  readonly meter: Meter;
  readonly store: RecordStore;
  /** Whether this process has a key. */
  readonly hasKey: () => boolean;
}

// Prometheus waits ten seconds unless told otherwise, and gives up all of it then.
const STORE_MS = 2000;
/** Keys are few; each is a series, and nobody may make series without end. */
const MAX_KEYS = 100;

const KEPT = [
  "waybill_jobs",
  "waybill_jobs_oldest_due_seconds",
  "attest_key_state",
  "waybill_clock_behind_seconds",
] as const;

/** Prometheus' text, with what is looked at only when somebody asks. A store that does not answer is told, and hides nothing else. */
export const createScrape = ({ meter, store, hasKey }: ScrapeDeps): ((ctx: Ctx) => Promise<string>) => {
  meter.set("process_start_time_seconds", Math.round(performance.timeOrigin) / 1000);
  return async (ctx) => {
    const kept = await withinTime(ctx, STORE_MS, (inner) => store.read(inner, readKept(inner))).catch(() => undefined);
    for (const name of KEPT) meter.clear(name);
    meter.set("waybill_store_up", kept === undefined ? 0 : 1);
    if (kept !== undefined) tell(meter, kept, ctx.clock.now());
    meter.set("waybill_key_available", hasKey() ? 1 : 0);
    meter.set("process_resident_memory_bytes", process.memoryUsage.rss());
    return meter.text();
  };
};

const readKept =
  ({ clock }: Ctx) =>
  async ({ jobs, keys, audit }: Records) => ({
    tally: await jobs.tally(clock.now()),
    due: await jobs.nextDue(),
    keys: await keys.list(),
    newest: (await audit.newest())?.at,
  });

type Kept = Awaited<ReturnType<ReturnType<typeof readKept>>>;

const tell = (meter: Meter, { tally, due, keys, newest }: Kept, now: number): void => {
  for (const state of JOB_STATES) meter.set("waybill_jobs", tally[state], { state });
  meter.set("waybill_jobs_oldest_due_seconds", Math.max(0, now - (due ?? now)) / 1000);
  for (const { id: kid, state } of keys.slice(0, MAX_KEYS))
    for (const one of ["current", "retired"]) meter.set("attest_key_state", one === state ? 1 : 0, { kid, state: one });
  meter.set("waybill_clock_behind_seconds", Math.max(0, (newest ?? now) - now) / 1000);
};
