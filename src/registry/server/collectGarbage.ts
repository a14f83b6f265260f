import { lstat, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { LayoutEntry } from "#archive/layoutEntry.ts";
import type { LayoutIndex } from "#archive/ociLayout.ts";
import { removeManifest } from "#archive/ociLayout.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Descriptor } from "#core/descriptor.ts";
import { isDigest } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError, asWaybillError } from "#core/errors.ts";
import { MAX_MANIFEST_BYTES } from "#core/manifest.ts";
import { sweepTemporaries } from "#registry/layout/durableFile.ts";
import { syncDirectory } from "#registry/layout/syncDirectory.ts";
import { onDisk } from "#registry/layout/onDisk.ts";
import { openIndexFile } from "#registry/layout/indexFile.ts";
import { readManifestLinks } from "#registry/layout/manifestLinks.ts";
import { readRegularFile } from "#registry/layout/regularFile.ts";
import { findKept } from "#registry/server/keptManifests.ts";
import type { ManifestUse, ReadUse } from "#registry/server/keptManifests.ts";
import { openRepositoryTree } from "#registry/server/repositoryTree.ts";

export interface GarbageOptions {
  /** That of a registry, which may be running. */
  readonly dir: string;
  /** Only says what would go. */
  readonly dryRun: boolean;
  /** Also removes manifests that no tag leads to. */
  readonly deleteUntagged: boolean;
  /** What is younger stays, milliseconds: a push may be under way that needs it. */
  readonly graceMs: number;
}

/** What went from one repository, or why nothing did. */
export interface CollectedRepository {
  readonly name: string;
  readonly manifests: number;
  /** Files, those of the manifests among them. */
  readonly blobs: number;
  /** Bytes that the disk has again; a blob that another repository shares frees none. */
  readonly bytes: number;
  readonly failure?: WaybillError;
}

/**
 * Removes what no manifest needs any more, repository by repository, each under the lock that its writers take: a manifest
 * that is being pushed is listed before, and keeps its blobs, or finds after that they are gone and is refused. Where a
 * manifest cannot be read nothing is removed. NOT_FOUND where no registry keeps its content.
 */
export async function* collectGarbage(ctx: Ctx, options: GarbageOptions): AsyncGenerator<CollectedRepository> {
  await checkRegistry(options.dir);
  const tree = openRepositoryTree({ root: options.dir, shown: {}, readOnly: true, log: ctx.log });
  for (const name of await tree.list()) {
    ctx.signal.throwIfAborted();
    try {
      yield { name, ...(await collectFrom(ctx, tree.pathOf(name), options)) };
    } catch (thrown) {
      ctx.signal.throwIfAborted();
      yield { name, manifests: 0, blobs: 0, bytes: 0, failure: asWaybillError(thrown) };
    }
  }
}

const checkRegistry = async (dir: string): Promise<void> => {
  const found = await stat(join(dir, ".waybill")).catch(() => undefined);
  if (found?.isDirectory() === true) return;
  // Layouts of other tools may keep papers as blobs that nothing lists (airgap.md 2.2).
  throw new WaybillError("NOT_FOUND", `${dir}: no registry keeps its content here`, {
    hint: "Name the directory that registry serve was given as --dir.",
  });
};

type Collected = Omit<CollectedRepository, "name" | "failure">;

const collectFrom = async (ctx: Ctx, root: string, options: GarbageOptions): Promise<Collected> => {
  const youngest = ctx.clock.now() - options.graceMs;
  const readUse = rememberUses(root, youngest);
  const indexFile = openIndexFile(root, false);
  // Once without the lock, so that writers do not wait while every manifest is read.
  await findKept(await indexFile.read(), readUse, !options.deleteUntagged);
  let collected: Collected = { manifests: 0, blobs: 0, bytes: 0 };
  let needed: ReadonlySet<Digest> = new Set();
  await indexFile.change({
    signal: ctx.signal,
    apply: async (index) => {
      const kept = await findKept(index, readUse, !options.deleteUntagged);
      needed = kept.digests;
      const gone = index.entries.filter(({ descriptor }) => !kept.manifests.has(descriptor.digest));
      collected = { ...collected, manifests: new Set(gone.map(({ descriptor }) => descriptor.digest)).size };
      return options.dryRun ? index : withoutEntries(index, gone);
    },
    // After index.json: a crash in between leaves files too many, never an entry without its file.
    after: async () => {
      collected = { ...collected, ...(await removeBlobs(root, needed, youngest, options.dryRun)) };
    },
  });
  return collected;
};

const withoutEntries = (index: LayoutIndex, gone: readonly LayoutEntry[]): LayoutIndex =>
  gone.reduce((rest, { descriptor }) => removeManifest(rest, descriptor.digest), index);

/** What a digest links to never changes, so each manifest is read once. */
const rememberUses = (root: string, youngest: number): ReadUse => {
  const known = new Map<Digest, ManifestUse>();
  return async (descriptor) => {
    const use = known.get(descriptor.digest) ?? (await readUse(root, descriptor, youngest));
    if (use !== undefined) known.set(descriptor.digest, use);
    return use;
  };
};

const DIGESTS = /sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}/g;

const readUse = async (root: string, descriptor: Descriptor, youngest: number): Promise<ManifestUse | undefined> => {
  const { digest, mediaType } = descriptor;
  const path = join(root, "blobs", ...digest.split(":"));
  const bytes = await readRegularFile(path, MAX_MANIFEST_BYTES);
  if (bytes === undefined) return undefined;
  const { subject, children } = readManifestLinks({ bytes, mediaType, digest });
  // Written anew, since JSON lets a digest be spelt with escapes.
  const mentions: readonly string[] = JSON.stringify(JSON.parse(bytes.toString("utf8"))).match(DIGESTS) ?? [];
  const facts = await lstat(path).catch(() => undefined);
  const recent = facts === undefined || youngerThan(facts, youngest);
  return { subject, children, mentions: mentions.filter(isDigest), recent };
};

/** A mounted blob keeps the time of its bytes; that of the link is the other one. */
const youngerThan = (facts: { readonly mtimeMs: number; readonly ctimeMs: number }, time: number): boolean =>
  Math.max(facts.mtimeMs, facts.ctimeMs) > time;

const removeBlobs = async (
  root: string,
  needed: ReadonlySet<Digest>,
  youngest: number,
  dryRun: boolean,
): Promise<Pick<Collected, "blobs" | "bytes">> => {
  let [blobs, bytes] = [0, 0];
  for (const algorithm of ["sha256", "sha512"]) {
    const directory = join(root, "blobs", algorithm);
    if ((await lstat(directory).catch(() => undefined))?.isDirectory() !== true) continue;
    if (!dryRun) await sweepTemporaries(directory);
    const before = blobs;
    for (const hex of await onDisk(directory, () => readdir(directory))) {
      const digest = `${algorithm}:${hex}`;
      const path = join(directory, hex);
      const facts = isDigest(digest) && !needed.has(digest) ? await lstat(path).catch(() => undefined) : undefined;
      if (facts === undefined || !facts.isFile() || youngerThan(facts, youngest)) continue;
      if (!dryRun) await onDisk(path, () => rm(path, { force: true }));
      blobs++;
      bytes += facts.nlink === 1 ? facts.size : 0;
    }
    if (!dryRun && blobs > before) await syncDirectory(directory);
  }
  return { blobs, bytes };
};
