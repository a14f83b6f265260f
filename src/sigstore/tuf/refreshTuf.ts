import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import {
  acceptFirstRoot,
  acceptNextRoot,
  acceptSnapshot,
  acceptTargets,
  acceptTimestamp,
} from "#sigstore/tuf/acceptMetadata.ts";
import { badMetadata } from "#sigstore/tuf/badMetadata.ts";
import { demandDescribed } from "#sigstore/tuf/fileDescription.ts";
import { getFile } from "#sigstore/tuf/getFile.ts";
import { METADATA_CAPS } from "#sigstore/tuf/tufMetadata.ts";
import type { TufDocument, TufRole } from "#sigstore/tuf/tufMetadata.ts";
import type { MetadataReference } from "#sigstore/tuf/acceptMetadata.ts";
import type { TufRoot } from "#sigstore/tuf/tufRoot.ts";
import type { TufSet } from "#sigstore/tuf/tufSet.ts";
import type { TufSource } from "#sigstore/tuf/tufSource.ts";

// Sigstore makes about three a year; a mirror must not keep a client busy for ever (TUF 1.0, 5.3.2).
const MAX_ROOTS = 128;

/**
 * Asks a mirror what is new and believes it from `firstRoot` on (TUF 1.0, section 5): a set of which nothing has expired.
 * `known` is the last set that was believed, or undefined: nothing goes back behind it. TRUST_INVALID for what must not be
 * believed, TRUST_EXPIRED for what holds no longer; what the source throws passes through.
 */
export const refreshTuf = async (
  ctx: Ctx,
  source: TufSource,
  firstRoot: Uint8Array,
  known: TufSet | undefined,
): Promise<TufSet> => {
  const now = ctx.clock.now();
  const first = acceptFirstRoot(firstRoot, `the first root of ${source.name}`);
  const roots = await fetchRoots(ctx, source, first, known?.roots ?? []);
  const root = roots.at(-1) ?? first;
  demandFresh(root, "root", now);
  const kept = known !== undefined && sameSigners(known.root, root) ? known : undefined;

  const name = `timestamp.json of ${source.name}`;
  const found = await fetchMetadata(ctx, source, "timestamp.json", "timestamp");
  const timestamp = acceptTimestamp(root, kept?.timestamp, found, name);
  demandFresh(timestamp, "timestamp", now);
  const snapshot = await fetchSnapshot(ctx, source, { root, timestamp, kept });
  demandFresh(snapshot, "snapshot", now);
  const targets = await fetchTargets(ctx, source, { root, snapshot, kept });
  demandFresh(targets, "targets", now);
  return { roots, root, timestamp, snapshot, targets };
};

const fetchRoots = async (
  ctx: Ctx,
  source: TufSource,
  first: TufRoot,
  known: readonly TufRoot[],
): Promise<readonly TufRoot[]> => {
  const roots = [...known];
  while (roots.length < known.length + MAX_ROOTS) {
    const trusted = roots.at(-1) ?? first;
    const path = `${trusted.version + 1}.root.json`;
    const bytes = await getFile(ctx, source, path, METADATA_CAPS.root);
    if (bytes === undefined) return roots;
    roots.push(acceptNextRoot(trusted, bytes, `${path} of ${source.name}`));
  }
  throw badMetadata(source.name, `has more than ${MAX_ROOTS} new roots`);
};

/**
 * Whether what was known may still hold a newer version back: when one who signed it was replaced, he may have run ahead with
 * the versions, and everything begins anew (TUF 1.0, 5.3.11).
 */
const sameSigners = (before: TufRoot, now: TufRoot): boolean =>
  (["timestamp", "snapshot"] as const).every((role) => {
    const [old, current] = [before, now].map((root) =>
      [...root.roles[role].keys].map(([id, key]) => key?.fingerprint ?? id).toSorted(),
    );
    return String(old) === String(current);
  });

const fetchSnapshot = async (
  ctx: Ctx,
  source: TufSource,
  { root, timestamp, kept }: Pick<TufSet, "root" | "timestamp"> & { readonly kept: TufSet | undefined },
): Promise<TufSet["snapshot"]> => {
  const path = versioned(root, timestamp.snapshot.version, "snapshot");
  const bytes =
    kept !== undefined && isSame(kept.snapshot, timestamp.snapshot)
      ? kept.snapshot.bytes
      : await fetchMetadata(ctx, source, path, "snapshot", timestamp.snapshot);
  return acceptSnapshot(root, timestamp, kept?.snapshot, bytes, `${path} of ${source.name}`);
};

const fetchTargets = async (
  ctx: Ctx,
  source: TufSource,
  { root, snapshot, kept }: Pick<TufSet, "root" | "snapshot"> & { readonly kept: TufSet | undefined },
): Promise<TufSet["targets"]> => {
  const path = versioned(root, snapshot.targets.version, "targets");
  const bytes =
    kept !== undefined && isSame(kept.targets, snapshot.targets)
      ? kept.targets.bytes
      : await fetchMetadata(ctx, source, path, "targets", snapshot.targets);
  return acceptTargets(root, snapshot, bytes, `${path} of ${source.name}`);
};

const versioned = (root: TufRoot, version: number, role: TufRole): string =>
  root.consistentSnapshot ? `${version}.${role}.json` : `${role}.json`;

/** Whether what is kept is what is named; else it is fetched, also where it was damaged. */
const isSame = (kept: TufDocument, named: MetadataReference): boolean => {
  if (kept.version !== named.version) return false;
  try {
    demandDescribed(kept.bytes, named, kept.what);
    return true;
  } catch {
    return false;
  }
};

const fetchMetadata = async (
  ctx: Ctx,
  source: TufSource,
  path: string,
  role: TufRole,
  named?: MetadataReference,
): Promise<Uint8Array> => {
  const bytes = await getFile(ctx, source, path, Math.min(METADATA_CAPS[role], named?.length ?? METADATA_CAPS[role]));
  if (bytes !== undefined) return bytes;
  throw new WaybillError("TRUST_INVALID", `${source.name} has no ${path}, and so is no whole TUF repository`, {
    hint: "Check the address of the mirror: it is that of the directory in which timestamp.json lies.",
  });
};

const demandFresh = (document: TufDocument, role: TufRole, now: number): void => {
  if (document.expires.getTime() > now) return;
  throw expired(document.what, role, document.expires);
};

/** TRUST_EXPIRED, with what may be the reason. */
export const expired = (what: string, role: TufRole, since: Date): WaybillError =>
  new WaybillError("TRUST_EXPIRED", `${what} expired at ${since.toISOString()}`, {
    hint: HINTS[role === "timestamp" ? "timestamp" : "other"],
  });

const HINTS = {
  timestamp:
    "Whoever runs the mirror signs it anew every few days: refresh a copy of it, check this machine's clock, or give a file of yours with --trusted-root FILE.",
  other:
    "Whoever runs the mirror must sign it anew; check this machine's clock, or give a file of yours with --trusted-root FILE.",
} as const;
