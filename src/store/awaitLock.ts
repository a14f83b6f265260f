import { setTimeout as sleep } from "node:timers/promises";
import { hasCode } from "#core/errors.ts";

/** How long writers of other connections may keep this one waiting, milliseconds; the large ones write in pieces. */
const PATIENCE_MS = 5000;
const PAUSE_MS = 5;
/** SQLITE_BUSY (sqlite.org/rescode.html), the low byte of its extended codes. */
const BUSY = 5;

/**
 * Begins when no other connection writes any more. SQLite's own waiting would block the thread, and with it every request that
 * has nothing to do with the store.
 */
export const awaitLock = async (begin: () => void): Promise<void> => {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return begin();
    } catch (thrown) {
      if (!isBusy(thrown) || performance.now() >= deadline) throw thrown;
    }
    // oxlint-disable-next-line no-await-in-loop
    await sleep(PAUSE_MS);
  }
};

const isBusy = (thrown: unknown): boolean =>
  hasCode(thrown, "STORE_FAILED") && (Number(thrown.details["sqlite"] ?? 0) & 0xff) === BUSY;
