import type { Kysely } from "kysely";
import type { Tables } from "#store/tables.ts";
import type { createQueue } from "#store/transact.ts";

/** One transaction that several works share, one after the other. */
export interface SharedRead {
  readonly run: <T>(work: (db: Kysely<Tables>) => Promise<T>) => Promise<T>;
  readonly end: () => void;
}

type Work = (shared: SharedRead) => Promise<void>;

// Writers wait for a batch as they would wait for a read.
const MAX_WORKS = 64;

/**
 * Reads that wait at the same time for the one connection see the same moment in one transaction, whose beginning and end take
 * longer than most of their queries. A read that is asked for later than a write was acknowledged still comes after it.
 */
export const createReadBatch = (
  inTurn: ReturnType<typeof createQueue>,
  begin: () => SharedRead,
): (<T>(work: (db: Kysely<Tables>) => Promise<T>) => Promise<T>) => {
  let open: Work[] | undefined;
  const begun = (): Work[] => {
    const works: Work[] = [];
    const ended = inTurn(async () => {
      if (open === works) open = undefined;
      const shared = begin();
      // One after another: they share a connection, and what one awaits may not end another's transaction.
      // oxlint-disable-next-line no-await-in-loop
      for (const work of works) await work(shared);
      shared.end();
    });
    // Each work has told its own caller.
    ended.catch(() => undefined);
    return works;
  };
  return (work) =>
    new Promise((resolve, reject) => {
      if (open === undefined || open.length >= MAX_WORKS) open = begun();
      open.push((shared) => shared.run(work).then(resolve, reject));
    });
};
