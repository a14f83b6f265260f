/** How far one archive is looked into (reference 4.8). What is beyond becomes a stated gap. */
export interface ArchiveLimits {
  /** Bytes of an archive that is looked into; a larger one is known by its name and hashes. */
  readonly maxSize: number;
  readonly maxEntries: number;
  /** Archives within archives: a chain of 4,000 fits into a megabyte (syft#5067). */
  readonly maxDepth: number;
  /** Archives in one file, at any depth. */
  readonly maxArchives: number;
  /** Bytes of manifests, poms and archives, read from one file at all depths. */
  readonly maxRead: number;
  /** Bytes of archives in memory that lie deflated one within the other, besides the file itself. */
  readonly maxInflated: number;
  /** Bytes of one manifest or pom. */
  readonly maxText: number;
  readonly maxProjects: number;
  readonly maxGaps: number;
}

export const ARCHIVE_LIMITS: ArchiveLimits = {
  maxSize: 256 * 1024 ** 2,
  maxEntries: 300_000,
  maxDepth: 32,
  maxArchives: 5000,
  maxRead: 1024 ** 3,
  maxInflated: 128 * 1024 ** 2,
  maxText: 16 * 1024 ** 2,
  maxProjects: 1000,
  maxGaps: 20,
};
