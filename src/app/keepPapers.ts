import type { Digest } from "#core/digest.ts";
import type { Tenant } from "#records/build.ts";
import type { ImageShape } from "#records/imageShape.ts";
import type { IssuedPaper } from "#records/paper.ts";
import type { Records } from "#records/recordStore.ts";
import type { ReadPaper } from "#app/readIssuedPapers.ts";

export interface KeepInput {
  readonly tenant: Tenant;
  readonly subject: Digest;
  /** Undefined: nobody knows. */
  readonly shape: ImageShape | undefined;
  readonly papers: readonly ReadPaper[];
  /** What was issued just now: it is the newest, and its SBOM is the one that the packages are of. */
  readonly isNew: (paper: IssuedPaper) => boolean;
}

/**
 * Puts what was read of one digest into the index. A paper that is known and not new keeps its place in time, so that the
 * newest of a kind stays the one that was issued last, however often an image is issued.
 */
export const keepPapers = async (
  records: Records,
  { tenant, subject, shape, papers, isNew }: KeepInput,
): Promise<void> => {
  if (shape !== undefined) await records.images.put(shape);
  const known = new Set((await records.papers.list(tenant, subject)).map(nameOf));
  const wanted = papers.filter(({ paper }) => isNew(paper) || !known.has(nameOf(paper)));
  for (const { paper, documents } of wanted) {
    for (const document of documents) await records.documents.put(document);
    await records.papers.put(paper);
  }
  const sboms = wanted.filter((one) => one.packages !== undefined);
  const packages = (sboms.find(({ paper }) => isNew(paper)) ?? sboms.at(-1))?.packages;
  if (packages !== undefined) await records.papers.putPackages(tenant, subject, packages);
};

const nameOf = ({ payload, key }: IssuedPaper): string => `${payload} ${key}`;
