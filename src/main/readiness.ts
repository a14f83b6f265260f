import type { Ctx } from "#core/ctx.ts";
import type { RecordStore } from "#records/recordStore.ts";

// Load balancers ask every few seconds each; who asks more often costs the store nothing.
const FRESH_MS = 1000;

/** Whether the store answers: looked at again after a second at the earliest, however many ask. */
export const createReadiness = (ctx: Ctx, store: RecordStore): (() => Promise<boolean>) => {
  let last: { readonly at: number; readonly ready: Promise<boolean> } | undefined;
  const look = (): Promise<boolean> =>
    store
      .read(ctx, ({ tokens }) => tokens.isEmpty())
      .then(
        () => true,
        () => false,
      );
  return () => {
    const at = ctx.clock.now();
    if (last === undefined || at - last.at >= FRESH_MS || at < last.at) last = { at, ready: look() };
    return last.ready;
  };
};
