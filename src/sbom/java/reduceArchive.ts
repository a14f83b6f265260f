import { createHash } from "node:crypto";
import { WaybillError } from "#core/errors.ts";
import type { ArchiveFacts, ArtifactFacts } from "#sbom/java/archiveFacts.ts";
import type { ArchiveLimits } from "#sbom/java/archiveLimits.ts";
import { isJavaArchive } from "#sbom/java/isJavaArchive.ts";
import { openArchive } from "#sbom/java/openArchive.ts";
import type { OpenArchive } from "#sbom/java/openArchive.ts";
import { readArtifacts } from "#sbom/java/readArtifacts.ts";

/** A file to look into. */
export interface ArchiveFile {
  readonly fileName: string;
  readonly bytes: Buffer;
  readonly hashes: Pick<ArtifactFacts, "sha1" | "sha256">;
  /** False for a zip archive that is no Java archive: only what it holds counts. */
  readonly isPackage: boolean;
}

/** An archive that waits to be looked into; its bytes are taken out of the one around it no sooner. */
interface Pending {
  readonly fileName: string;
  readonly path: string;
  readonly depth: number;
  /** Index of the artifact around it. */
  readonly parent: number | undefined;
  /** Bytes of the deflated archives around it, which are in memory as long as it waits. */
  readonly above: number;
  readonly content: () => Buffer;
  readonly isDeflated: boolean;
}

interface Walk {
  readonly limits: ArchiveLimits;
  readonly artifacts: ArtifactFacts[];
  readonly gaps: { readonly path: string; readonly reason: string }[];
  furtherGaps: number;
  bytesLeft: number;
  archivesLeft: number;
}

/**
 * The packages in an archive and in those that it holds, at any depth within the limits. INPUT_INVALID or LIMIT_EXCEEDED
 * where the file itself cannot be looked into; what is wrong with parts of it becomes `gaps`.
 */
export const reduceArchive = (file: ArchiveFile, limits: ArchiveLimits): ArchiveFacts => {
  const { maxRead, maxArchives } = limits;
  const walk = { limits, artifacts: [], gaps: [], furtherGaps: 0, bytesLeft: maxRead, archivesLeft: maxArchives };
  const outermost = { path: "", depth: 0, parent: undefined, above: 0, isDeflated: false };
  const waiting = [...enter(walk, { ...outermost, fileName: file.fileName, content: () => file.bytes }, file)];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    try {
      waiting.push(...enter(walk, next));
    } catch (error) {
      if (!(error instanceof WaybillError)) throw error;
      note(walk, next.path, error.message);
    }
  }
  return { artifacts: walk.artifacts, gaps: allGaps(walk) };
};

const note = (walk: Walk, path: string, reason: string): void => {
  if (walk.gaps.length < walk.limits.maxGaps) walk.gaps.push({ path, reason });
  else walk.furtherGaps++;
};

const allGaps = ({ gaps, furtherGaps }: Walk): ArchiveFacts["gaps"] =>
  furtherGaps === 0 ? gaps : [...gaps, { path: "", reason: `${furtherGaps} further gaps are not listed` }];

// Adds what an archive is and was made of; the archives in it come back, the first one last.
const enter = (walk: Walk, pending: Pending, file?: ArchiveFile): readonly Pending[] => {
  const bytes = pending.content();
  const archive = openArchive(bytes, walk.limits.maxEntries, (amount) => spendBytes(walk, amount));
  if (archive.damage !== undefined) note(walk, pending.path, archive.damage);
  const at = (path: string): string => (pending.path === "" ? path : `${pending.path}:${path}`);
  const found = readArtifacts(archive, pending.fileName, walk.limits, (path, { message }) =>
    note(walk, at(path), message),
  );
  if (found.skipped !== undefined) {
    note(walk, pending.path, found.skipped);
    return [];
  }
  let { parent } = pending;
  const add = (one: ArtifactFacts): number =>
    walk.artifacts.push({ ...one, ...(parent === undefined ? {} : { parent }) }) - 1;
  if (found.own !== undefined && file?.isPackage !== false)
    parent = add({ ...found.own, path: pending.path, ...(file?.hashes ?? hashesOf(bytes)) });
  for (const one of found.embedded) add({ ...one, path: at(one.path) });
  const above = pending.above + (pending.isDeflated ? bytes.length : 0);
  return findNested(walk, archive, { ...pending, parent, above }, at);
};

const findNested = (
  walk: Walk,
  archive: OpenArchive,
  outer: Pending,
  at: (path: string) => string,
): readonly Pending[] => {
  const { limits } = walk;
  const { parent, above } = outer;
  const nested: Pending[] = [];
  for (const entry of archive.entries) {
    if (!isJavaArchive(entry.name)) continue;
    const path = at(entry.name);
    const limit = limitFor(walk, outer, path, nested.length);
    if (limit !== undefined) {
      note(walk, path.slice(0, MAX_PATH), limit);
      continue;
    }
    const isDeflated = entry.method !== 0;
    nested.push({
      fileName: entry.name.slice(entry.name.lastIndexOf("/") + 1),
      path,
      depth: outer.depth + 1,
      parent,
      above,
      content: () => archive.read(entry, isDeflated ? limits.maxInflated - above : limits.maxSize),
      isDeflated,
    });
  }
  walk.archivesLeft -= nested.length;
  return nested.toReversed();
};

const MAX_PATH = 4096;

const limitFor = ({ limits, archivesLeft }: Walk, outer: Pending, path: string, found: number): string | undefined => {
  if (outer.depth === limits.maxDepth) return `archives nested deeper than ${limits.maxDepth}`;
  if (found >= archivesLeft) return `more than ${limits.maxArchives} archives in one file`;
  return path.length > MAX_PATH ? `archived file with a path of more than ${MAX_PATH} characters` : undefined;
};

const spendBytes = (walk: Walk, amount: number): void => {
  walk.bytesLeft -= amount;
  if (walk.bytesLeft < 0)
    throw new WaybillError("LIMIT_EXCEEDED", `more than ${walk.limits.maxRead} bytes of archives in one file`);
};

const hashesOf = (bytes: Buffer): Pick<ArtifactFacts, "sha1" | "sha256"> => ({
  sha1: createHash("sha1").update(bytes).digest("hex"),
  sha256: createHash("sha256").update(bytes).digest("hex"),
});
