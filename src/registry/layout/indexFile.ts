import { lstatSync } from "node:fs";
import type { BigIntStats } from "node:fs";
import { join } from "node:path";
import {
  EMPTY_LAYOUT_INDEX,
  formatLayoutIndex,
  LAYOUT_MARKER,
  MAX_INDEX_BYTES,
  parseLayoutIndex,
} from "#archive/ociLayout.ts";
import type { LayoutIndex } from "#archive/ociLayout.ts";
import { WaybillError } from "#core/errors.ts";
import { LAYOUT_LOCK, readMarker } from "#registry/layout/checkLayout.ts";
import { makeDurableDirectory, writeDurably } from "#registry/layout/durableFile.ts";
import { withFileLock } from "#registry/layout/fileLock.ts";
import { readRegularFile } from "#registry/layout/regularFile.ts";

/** One change: gives the next value of the index, and what to do once it is on disk. */
export interface IndexChange {
  readonly apply: (index: LayoutIndex) => Promise<LayoutIndex>;
  readonly after?: () => Promise<void>;
  /** Ends the wait for the lock; a change that is being applied is carried through. */
  readonly signal?: AbortSignal | undefined;
}

/** index.json of one layout, shared with other processes. */
export interface IndexFile {
  /** Makes an empty layout where there is none yet and `create` was given. */
  readonly make: (signal?: AbortSignal) => Promise<void>;
  /** As it is on disk now. */
  readonly read: () => Promise<LayoutIndex>;
  /** Changes it under the layout's lock, durably. What `apply` throws is thrown here and changes nothing. */
  readonly change: (change: IndexChange) => Promise<void>;
}

// The coarsest clock of a file system in use (a jiffy) is 10 ms: a file changed just before it was read may have been
// changed again with the same time and size. git calls such an entry racily clean, and looks again, too.
const RACY_MS = 50;

interface Seen {
  readonly bytes: Uint8Array;
  readonly index: LayoutIndex;
  /** Identity, size and time of the file, or undefined where they prove nothing yet. */
  readonly stamp: string | undefined;
}

interface Waiting extends IndexChange {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** `create`: a layout that is not there reads as empty, and the first change makes it. */
export const openIndexFile = (root: string, create: boolean): IndexFile => {
  const path = join(root, "index.json");
  let seen: Seen | undefined;
  let waiting: Waiting[] = [];
  let running = false;
  let made = false;

  const load = async (): Promise<LayoutIndex> => {
    const stamp = fileStamp(path);
    const bytes = await readRegularFile(path, MAX_INDEX_BYTES);
    if (bytes === undefined) return missing(root, create);
    // Comparing is much cheaper than parsing, and while we are the only writer nothing else is needed.
    const index = seen !== undefined && bytes.equals(seen.bytes) ? seen.index : parseLayoutIndex(bytes, path);
    seen = { bytes, index, stamp };
    return index;
  };

  const store = async (index: LayoutIndex): Promise<void> => {
    const bytes = Buffer.from(formatLayoutIndex(index));
    if (bytes.byteLength > MAX_INDEX_BYTES)
      throw new WaybillError("LIMIT_EXCEEDED", `${path}: the layout lists too many manifests`);
    await writeDurably(path, bytes);
    seen = { bytes, index, stamp: undefined };
  };

  /** Applies all that waits as one write: sixteen pushes at once cost one fsync, not sixteen. */
  const applyBatch = async (batch: readonly Waiting[]): Promise<void> => {
    try {
      await withFileLock(
        join(root, LAYOUT_LOCK),
        () => checkWaiters(batch, waiting),
        async () => {
          const before = await load();
          const { next, accepted } = await applyEach(before, batch);
          if (next !== before) await store(next);
          for (const one of accepted) await finish(one);
        },
      );
    } catch (error) {
      for (const one of batch) one.reject(error);
    }
  };

  const drain = async (): Promise<void> => {
    running = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await applyBatch(batch);
    }
    running = false;
  };

  const make = async (signal?: AbortSignal): Promise<void> => {
    if (!create || made) return;
    await makeDurableDirectory(root);
    if ((await readMarker(root)) === undefined) {
      const checkSignal = (): void => signal?.throwIfAborted();
      await withFileLock(join(root, LAYOUT_LOCK), checkSignal, () => makeLayout(root, store));
    }
    made = true;
  };

  return {
    make,
    read: async () => {
      const stamp = fileStamp(path);
      return seen?.stamp !== undefined && seen.stamp === stamp ? seen.index : load();
    },
    change: async (change) => {
      await make(change.signal);
      return new Promise<void>((resolve, reject) => {
        waiting.push({ ...change, resolve, reject });
        if (!running) void drain();
      });
    },
  };
};

/** Lets go of whoever gave up, in the queue too; throws when nobody of the batch is left. */
const checkWaiters = (batch: readonly Waiting[], queue: readonly Waiting[]): void => {
  for (const one of [...batch, ...queue]) if (one.signal?.aborted === true) one.reject(one.signal.reason);
  if (batch.every((one) => one.signal?.aborted === true)) batch[0]?.signal?.throwIfAborted();
};

/** Applies each change to what the ones before it made; one that throws is refused alone. */
const applyEach = async (
  index: LayoutIndex,
  batch: readonly Waiting[],
): Promise<{ readonly next: LayoutIndex; readonly accepted: readonly Waiting[] }> => {
  const accepted: Waiting[] = [];
  let next = index;
  for (const one of batch) {
    try {
      one.signal?.throwIfAborted();
      next = await one.apply(next);
      accepted.push(one);
    } catch (error) {
      one.reject(error);
    }
  }
  return { next, accepted };
};

const finish = async (one: Waiting): Promise<void> => {
  try {
    await one.after?.();
    one.resolve();
  } catch (error) {
    one.reject(error);
  }
};

/** Undefined for a file that is not there, or that changed so lately that it may change again unnoticed. */
const fileStamp = (path: string): string | undefined => {
  // Not async: every request looks, the look takes microseconds, and the way through the thread pool costs twenty times that.
  const found = lstatOf(path);
  if (found === undefined || Date.now() - Number(found.mtimeMs) < RACY_MS) return undefined;
  return `${found.dev} ${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}`;
};

/** Undefined also where it may not be looked at: reading it, which follows, says why. */
const lstatOf = (path: string): BigIntStats | undefined => {
  try {
    return lstatSync(path, { bigint: true });
  } catch {
    return undefined;
  }
};

const missing = async (root: string, create: boolean): Promise<LayoutIndex> => {
  if (create && (await readMarker(root)) === undefined) return EMPTY_LAYOUT_INDEX;
  throw new WaybillError("STORE_FAILED", `${root}: the layout has lost its index.json`, {
    hint: "The layout is damaged; copy it again from where it came from.",
  });
};

/** The marker comes last, so that a half-made layout is none; called under the lock. */
const makeLayout = async (root: string, store: (index: LayoutIndex) => Promise<void>): Promise<void> => {
  if ((await readMarker(root)) !== undefined) return;
  await store(EMPTY_LAYOUT_INDEX);
  await writeDurably(join(root, "oci-layout"), Buffer.from(LAYOUT_MARKER));
};
