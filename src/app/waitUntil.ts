import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";

export interface Patience {
  /** Milliseconds; 0: one look. */
  readonly ms: number;
  /** Ends the wait early, with what is there. */
  readonly stop: AbortSignal;
}

/** What was seen last, and why nobody waits any longer. */
export interface Seen<T> {
  readonly value: T;
  readonly end: "over" | "late" | "stopped";
}

// Another process may be the one that changes it, so that only looking helps.
const LOOK_MS = 500;

/** Looks again and again until it is over; whoever waits and goes (the context's signal) ends it with an error. */
export const waitUntil = async <T>(
  ctx: Ctx,
  { ms, stop }: Patience,
  look: () => Promise<T>,
  isOver: (value: T) => boolean,
): Promise<Seen<T>> => {
  const either = AbortSignal.any([ctx.signal, stop]);
  // Counted down, since a clock that is set back would make the wait longer.
  for (let left = ms; ; left -= LOOK_MS) {
    // oxlint-disable-next-line no-await-in-loop
    const value = await look();
    if (isOver(value)) return { value, end: "over" };
    if (left <= 0) return { value, end: "late" };
    if (stop.aborted) return { value, end: "stopped" };
    // oxlint-disable-next-line no-await-in-loop
    await ctx.clock.sleep(Math.min(left, LOOK_MS), either).catch(() => demandCaller(ctx));
  }
};

// No fault of anybody's, as which the reason of an aborted request would be told.
const demandCaller = ({ signal }: Ctx): void => {
  if (signal.aborted) throw new WaybillError("ABORTED", "whoever waited has gone");
};
