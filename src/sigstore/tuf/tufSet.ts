import {
  acceptFirstRoot,
  acceptNextRoot,
  acceptSnapshot,
  acceptTargets,
  acceptTimestamp,
} from "#sigstore/tuf/acceptMetadata.ts";
import type { TufSnapshot, TufTargets, TufTimestamp } from "#sigstore/tuf/acceptMetadata.ts";
import type { TufDocument, TufRole } from "#sigstore/tuf/tufMetadata.ts";
import type { TufRoot } from "#sigstore/tuf/tufRoot.ts";

/** The metadata of a repository, every signature of it counted from the first root on; any of it may have expired. */
export interface TufSet {
  /** Those after the first root, in order. */
  readonly roots: readonly TufRoot[];
  /** The newest. */
  readonly root: TufRoot;
  readonly timestamp: TufTimestamp;
  readonly snapshot: TufSnapshot;
  readonly targets: TufTargets;
}

/** The bytes of a set, as they are kept. */
export interface TufSetBytes {
  readonly roots: readonly Uint8Array[];
  readonly timestamp: Uint8Array;
  readonly snapshot: Uint8Array;
  readonly targets: Uint8Array;
}

/** Believes kept bytes no more than those of a mirror: everything is verified again from the first root. TRUST_INVALID. */
export const readTufSet = (firstRoot: Uint8Array, bytes: TufSetBytes, where: string): TufSet => {
  const first = acceptFirstRoot(firstRoot, `the first root of ${where}`);
  const roots: TufRoot[] = [];
  for (const one of bytes.roots) {
    const before = roots.at(-1) ?? first;
    roots.push(acceptNextRoot(before, one, `${before.version + 1}.root.json of ${where}`));
  }
  const root = roots.at(-1) ?? first;
  const timestamp = acceptTimestamp(root, undefined, bytes.timestamp, `timestamp.json of ${where}`);
  const snapshot = acceptSnapshot(root, timestamp, undefined, bytes.snapshot, `snapshot.json of ${where}`);
  const targets = acceptTargets(root, snapshot, bytes.targets, `targets.json of ${where}`);
  return { roots, root, timestamp, snapshot, targets };
};

/** What of a set has expired at a time: the role that did so first, or undefined (TUF 1.0, 5.3.10, 5.4.4, 5.5.6, 5.6.5). */
export const findExpired = (set: TufSet, now: number): { readonly role: TufRole; readonly since: Date } | undefined => {
  const roles = (["root", "timestamp", "snapshot", "targets"] as const).map((role) => {
    const document: TufDocument = set[role];
    return { role, since: document.expires };
  });
  return roles
    .filter(({ since }) => since.getTime() <= now)
    .toSorted((a, b) => a.since.getTime() - b.since.getTime())[0];
};
