import type { Ctx } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import type { Tenant } from "#records/build.ts";
import type { PackageList } from "#records/packageList.ts";
import type { IssuedPaper } from "#records/paper.ts";
import type { ReadPaper } from "#app/readIssuedPapers.ts";
import type { ServiceDeps } from "#app/serviceDeps.ts";

export interface StageInput {
  readonly tenant: Tenant;
  readonly subject: Digest;
  readonly papers: readonly ReadPaper[];
  /** What was issued just now: it is the newest, and its SBOM is the one that the packages are of. */
  readonly isNew: (paper: IssuedPaper) => boolean;
}

/** Papers whose bytes and packages are in the index, where nobody sees them until the papers are. */
export interface StagedPapers {
  /** Those that are new, or that the index does not have. */
  readonly papers: readonly { readonly paper: IssuedPaper; readonly isNew: boolean }[];
  /** The list of packages to show, by its id; undefined: it stays. */
  readonly packages: string | undefined;
}

// Rows of one write, some milliseconds: others write between two.
const ROWS_AT_ONCE = 400;

/**
 * Writes what is large of papers into the index, a piece at a time, so that no writer waits for long. What is staged and never
 * kept does no harm: documents are there for whoever tries again, and lists that nobody sees are pruned.
 */
export const stagePapers =
  (deps: ServiceDeps) =>
  async (ctx: Ctx, { tenant, subject, papers, isNew }: StageInput): Promise<StagedPapers> => {
    const kept = await deps.store.read(ctx, (records) => records.papers.list(tenant, subject));
    const known = new Set(kept.map(nameOf));
    const wanted = papers.filter(({ paper }) => isNew(paper) || !known.has(nameOf(paper)));
    for (const document of wanted.flatMap(({ documents }) => documents))
      await deps.store.write(ctx, (records) => records.documents.put(document));
    const sboms = wanted.filter((one) => one.packages !== undefined);
    const list = (sboms.find(({ paper }) => isNew(paper)) ?? sboms.at(-1))?.packages;
    return {
      papers: wanted.map(({ paper }) => ({ paper, isNew: isNew(paper) })),
      packages: list && (await stageList(deps, ctx, { tenant, subject, list })),
    };
  };

const stageList = async (
  { store, newId }: ServiceDeps,
  ctx: Ctx,
  {
    tenant,
    subject,
    list: { rows, total },
  }: { readonly tenant: Tenant; readonly subject: Digest; readonly list: PackageList },
): Promise<string> => {
  const id = newId();
  const head = { id, tenant, subject, total, listed: rows.length };
  await store.write(ctx, ({ packages }) => packages.begin(head, ctx.clock.now()));
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE)
    await store.write(ctx, ({ packages }) => packages.append(id, at, rows.slice(at, at + ROWS_AT_ONCE)));
  return id;
};

const nameOf = ({ payload, key }: IssuedPaper): string => `${payload} ${key}`;
