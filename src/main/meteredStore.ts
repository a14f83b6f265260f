import { hasCode } from "#core/errors.ts";
import type { Meter } from "#main/serviceMeter.ts";
import type { OpenStore } from "#store/openStore.ts";

/** A store whose transactions are timed, with their wait for their turn: what a request or a job feels of it. */
export const meteredStore = (store: OpenStore, meter: Meter): OpenStore => {
  const timed = async <T>(kind: "read" | "write", run: () => Promise<T>): Promise<T> => {
    const started = performance.now();
    try {
      return await run();
    } catch (thrown) {
      // Whatever else is thrown is the answer of whoever works on the records.
      if (hasCode(thrown, "STORE_FAILED")) meter.count("waybill_store_failures_total", { kind });
      throw thrown;
    } finally {
      meter.observe("waybill_store_transaction_duration_seconds", (performance.now() - started) / 1000, { kind });
    }
  };
  return {
    ...store,
    read: (ctx, work) => timed("read", () => store.read(ctx, work)),
    write: (ctx, work) => timed("write", () => store.write(ctx, work)),
  };
};
