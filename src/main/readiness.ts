import type { Ctx } from "#core/ctx.ts";
import { asWaybillError } from "#core/errors.ts";
import { withinTime } from "#main/withinTime.ts";
import type { RecordStore } from "#records/recordStore.ts";

// Load balancers ask every few seconds each; who asks more often costs the store nothing.
const FRESH_MS = 1000;
const ANSWER_MS = 2000;
// Machines whose clock lost its battery begin in 1970 or 2000: to them tokens and certificates never end. The audit log is no
// measure of a clock, as one machine whose clock was ahead when it wrote would take all others out of service.
const PLAUSIBLE_FROM = Date.parse("2026-01-01T00:00:00Z");

/**
 * Whether this process can work (evidence.md 4.1): the store answers in time, and the clock may be right. Looked at again after a
 * second at the earliest, however many ask. What is wrong goes to the log, once.
 */
export const createReadiness = (ctx: Ctx, store: RecordStore): (() => Promise<boolean>) => {
  let last: { readonly at: number; readonly ready: Promise<boolean> } | undefined;
  let told: string | undefined;
  const look = async (): Promise<boolean> => {
    const fault = await faultOf(ctx, store);
    if (fault !== told && !ctx.signal.aborted) {
      if (fault === undefined) ctx.log("info", "ready again");
      else ctx.log("error", "not ready", { reason: fault });
    }
    told = fault;
    return fault === undefined;
  };
  return () => {
    const at = ctx.clock.now();
    if (last === undefined || at - last.at >= FRESH_MS || at < last.at) last = { at, ready: look() };
    return last.ready;
  };
};

const faultOf = async (ctx: Ctx, store: RecordStore): Promise<string | undefined> => {
  if (ctx.clock.now() < PLAUSIBLE_FROM) return "the clock stands before 2026";
  try {
    await withinTime(ctx, ANSWER_MS, (inner) => store.read(inner, ({ tokens }) => tokens.isEmpty()));
    return undefined;
  } catch (thrown) {
    return `the store: ${asWaybillError(thrown).message}`;
  }
};
