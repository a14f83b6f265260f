import type { Kysely } from "kysely";
import type { Ctx } from "#core/ctx.ts";
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
