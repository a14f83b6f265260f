import type { Digest } from "#core/digest.ts";
import type { Tenant } from "#records/build.ts";
import type { ImageShape } from "#records/imageShape.ts";
import type { IssuedPaper } from "#records/paper.ts";
import type { Records } from "#records/recordStore.ts";
import type { StagedPapers } from "#app/stagePapers.ts";

export interface KeepInput extends StagedPapers {
  readonly tenant: Tenant;
  readonly subject: Digest;
  /** Undefined: nobody knows. */
  readonly shape: ImageShape | undefined;
}

/** `known`: it was in the index already; it is the newest now if it was issued again. */
export interface KeptPaper {
  readonly paper: IssuedPaper;
  readonly result: "new" | "known";
}

/**
 * Puts what was staged of one digest into the index, in few and small statements, since all other writers wait. A paper that is
 * known and not new keeps its place in time, so that the newest of a kind stays the one that was issued last, however often an
 * image is issued.
 */
export const keepPapers = async (records: Records, input: KeepInput, at: number): Promise<readonly KeptPaper[]> => {
  const { tenant, subject, shape, papers, packages } = input;
  if (shape !== undefined) await records.images.put(shape);
  const known = new Set((await records.papers.list(tenant, subject)).map(nameOf));
  for (const { paper, isNew } of papers) if (isNew || !known.has(nameOf(paper))) await records.papers.put(paper);
  if (packages !== undefined) await records.packages.show({ id: packages, tenant, subject }, at);
  return papers.map(({ paper }) => ({ paper, result: known.has(nameOf(paper)) ? "known" : "new" }));
};

const nameOf = ({ payload, key }: IssuedPaper): string => `${payload} ${key}`;
