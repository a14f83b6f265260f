import type { Repository } from "#core/content.ts";
import type { Digest } from "#core/digest.ts";

/** What a copy did with content, in blobs and bytes; papers are counted by themselves. */
export interface CopyTally {
  /** Blobs whose bytes went from one store to the other; of a dry run, those that would. */
  copied: number;
  copiedBytes: number;
  /** Blobs that the registry took over from another of its repositories. */
  mounted: number;
  /** Blobs that were there. */
  present: number;
}

/** From where to where one image is copied, and in which manner. */
export interface CopyRoute {
  readonly from: Repository;
  readonly to: Repository;
  /** Look at everything, write nothing. */
  readonly dryRun: boolean;
  readonly tally: CopyTally;
  /** Blobs on their way to the target: two images, or two papers, share many. */
  readonly underWay: BlobsUnderWay;
  /** Blobs of this image, with their target, that need no second look; each counts once in the tally. */
  readonly brought: Set<string>;
}

/** One transfer for each blob and target, however many ask for it at the same time. */
export type BlobsUnderWay = (target: string, digest: Digest, transfer: () => Promise<void>) => Promise<void>;

export const createBlobsUnderWay = (): BlobsUnderWay => {
  const running = new Map<string, Promise<void>>();
  return async (target, digest, transfer) => {
    const name = `${target} ${digest}`;
    const known = running.get(name);
    if (known !== undefined) return known;
    const begun = transfer().finally(() => running.delete(name));
    running.set(name, begun);
    return begun;
  };
};

export const openRoute = (
  from: Repository,
  to: Repository,
  manner: { readonly dryRun?: boolean; readonly underWay?: BlobsUnderWay } = {},
): CopyRoute => ({
  from,
  to,
  dryRun: manner.dryRun ?? false,
  tally: { copied: 0, copiedBytes: 0, mounted: 0, present: 0 },
  underWay: manner.underWay ?? createBlobsUnderWay(),
  brought: new Set(),
});
