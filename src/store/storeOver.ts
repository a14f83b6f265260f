import { AsyncLocalStorage } from "node:async_hooks";
import { WaybillError } from "#core/errors.ts";
import { checkStore } from "#store/checkStore.ts";
import type { Inspect } from "#store/checkStore.ts";
import type { OpenStore } from "#store/openStore.ts";
import { recordsOf } from "#store/recordsOf.ts";
import type { Transact } from "#store/transact.ts";

/** What the databases do each in its own way. */
export interface StoreAccess {
  readonly read: Transact;
  readonly write: Transact;
  /** What the database itself can say about its files. */
  readonly inspect: Inspect;
  /** Waits for what is under way. */
  readonly close: () => Promise<void>;
}

/** The store of a database that is open and of this program's version. */
export const storeOver = (access: StoreAccess): OpenStore => {
  const guard = createGuard();
  const read = guard.around(access.read);
  const write = guard.around(access.write);
  return {
    read: (ctx, work) => read(ctx, (db) => work(recordsOf(db))),
    write: (ctx, work) => write(ctx, (db) => work(recordsOf(db))),
    check: (ctx) => checkStore(ctx, read, access.inspect),
    close: async () => {
      guard.close();
      await access.close();
    },
  };
};

// A transaction that is asked for inside another one would wait for itself for ever.
const createGuard = () => {
  const current = new AsyncLocalStorage<{ open: boolean }>();
  let open = true;
  const around =
    (transact: Transact): Transact =>
    async (ctx, work) => {
      if (!open) throw new WaybillError("STORE_FAILED", "the store is closed");
      if (current.getStore()?.open === true)
        throw new WaybillError("INTERNAL", "the store was asked for a transaction inside another one");
      // Work that goes on after its transaction has ended may begin a new one.
      const mark = { open: true };
      return transact(ctx, (db) => current.run(mark, () => work(db))).finally(() => {
        mark.open = false;
      });
    };
  return {
    around,
    close: (): void => {
      open = false;
    },
  };
};
