import { AsyncLocalStorage } from "node:async_hooks";
import type { Kysely } from "kysely";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { Tables } from "#store/tables.ts";

/** Runs work in a transaction of its own. */
export type Transact = <T>(ctx: Ctx, work: (db: Kysely<Tables>) => Promise<T>) => Promise<T>;

/** Runs tasks one after another, in the order of their coming. */
type InTurn = <T>(task: () => Promise<T>) => Promise<T>;

/** One queue: for a database with one connection, or for writers that come one after another. */
export const createQueue = (): InTurn => {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const turn = last.then(task, task);
    last = turn;
    return turn;
  };
};

/** A transaction that is asked for inside another one would wait for itself for ever: INTERNAL instead. */
export const createNesting = (): ((transact: Transact) => Transact) => {
  const current = new AsyncLocalStorage<{ open: boolean }>();
  return (transact) => async (ctx, work) => {
    if (current.getStore()?.open === true)
      throw new WaybillError("INTERNAL", "the store was asked for a transaction inside another one");
    // Work that goes on after its transaction has ended may begin a new one.
    const mark = { open: true };
    return transact(ctx, (db) => current.run(mark, () => work(db))).finally(() => {
      mark.open = false;
    });
  };
};
