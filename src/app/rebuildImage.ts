import type { Repository } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import type { Tenant } from "#records/build.ts";
import type { ImageShape } from "#records/imageShape.ts";
import type { IssuedPaper } from "#records/paper.ts";
import type { TrustMaterial } from "#trust/verifiedClaim.ts";
import { buildClaims, tenantOf } from "#app/buildClaims.ts";
import type { BuildClaim } from "#app/buildClaims.ts";
import { keepPapers } from "#app/keepPapers.ts";
import { readImageShape } from "#app/readImageShape.ts";
import { readIssuedPapers } from "#app/readIssuedPapers.ts";
import type { ReadPaper } from "#app/readIssuedPapers.ts";
import type { ServiceDeps } from "#app/serviceDeps.ts";
import { stagePapers } from "#app/stagePapers.ts";

export interface RebuildImageInput {
  /** As `AuditEvent.actor`. */
  readonly by: string;
  readonly tenant: Tenant;
  readonly repository: Repository;
  /** `host/repository`, canonical. */
  readonly repositoryName: string;
  readonly subject: Digest;
  readonly trust: TrustMaterial;
}

/** What became of an image's papers. */
export interface RebuiltImage {
  /** The tenant's, in the index now. */
  readonly papers: number;
  /** Of these, not there before. */
  readonly added: number;
  /** Verified, and of another tenant or of none. */
  readonly others: number;
  /** Copies that do not verify. */
  readonly refused: number;
  /** Why the one of these that came nearest does not. */
  readonly reason: string | undefined;
  readonly claims: readonly BuildClaim[];
}

/**
 * Puts a tenant's papers of one digest into the index, with an audit entry where there were any new ones. A paper that names
 * no tenant, as an SBOM, is the tenant's where another paper of the same digest says that the digest is.
 */
export const rebuildImage =
  (deps: ServiceDeps) =>
  async (ctx: Ctx, input: RebuildImageInput): Promise<RebuiltImage> => {
    const { papers: all, refused, reason, compareAge } = await readIssuedPapers(ctx, input);
    const own = ownPapers(all, input.tenant).toSorted((a, b) => compareAge(a.paper, b.paper));
    const shape = own.length === 0 ? undefined : await readImageShape(ctx, input);
    return {
      papers: own.length,
      added: own.length === 0 ? 0 : await keep(deps, ctx, input, { papers: own, shape }),
      others: all.length - own.length,
      refused,
      reason,
      claims: buildClaims(own),
    };
  };

const ownPapers = (all: readonly ReadPaper[], tenant: Tenant): readonly ReadPaper[] => {
  const named = all.map((one) => ({ one, by: tenantOf(one) }));
  if (!named.some(({ by }) => by === tenant)) return [];
  return named.filter(({ by }) => by === undefined || by === tenant).map(({ one }) => one);
};

/**
 * Papers, oldest first, with times in that order: of a type the newest speaks, all were verified just now, and some may be in
 * the index since long, with times that stay. A millisecond each keeps them apart. Packages are those of the newest SBOM.
 */
const inOrder = (papers: readonly ReadPaper[], known: ReadonlyMap<string, number>): readonly ReadPaper[] => {
  const latest = new Map<string, number>();
  const ordered = papers.toReversed().map((one): ReadPaper => {
    const { predicateType, verifiedAt } = one.paper;
    const before = latest.get(predicateType);
    const at = Math.min(known.get(nameOf(one.paper)) ?? verifiedAt, before ?? verifiedAt);
    latest.set(predicateType, at - 1);
    return {
      ...one,
      packages: before === undefined ? one.packages : undefined,
      paper: { ...one.paper, verifiedAt: at },
    };
  });
  return ordered.toReversed();
};

const keep = async (
  deps: ServiceDeps,
  ctx: Ctx,
  { by, tenant, repositoryName, subject }: RebuildImageInput,
  { papers, shape }: { readonly papers: readonly ReadPaper[]; readonly shape: ImageShape | undefined },
): Promise<number> => {
  const before = await deps.store.read(ctx, async (records) => ({
    times: timesOf(await records.papers.list(tenant, subject)),
    shape: await records.images.find(tenant, subject),
  }));
  const isKnown = papers.every(({ paper }) => before.times.has(nameOf(paper)));
  // An index of an earlier version has the papers and not what the image consists of.
  if (isKnown && (shape === undefined || before.shape !== undefined)) return 0;
  const ordered = inOrder(papers, before.times);
  const staged = await stagePapers(deps)(ctx, { tenant, subject, papers: ordered, isNew: () => false });
  return deps.store.write(ctx, async (records) => {
    const known = timesOf(await records.papers.list(tenant, subject));
    const added = papers.filter(({ paper }) => !known.has(nameOf(paper))).length;
    const at = ctx.clock.now();
    await keepPapers(records, { tenant, subject, shape, ...staged }, at);
    if (added === 0) return 0;
    await records.audit.append({
      at,
      tenant,
      actor: by,
      action: "store.rebuild",
      object: `images/${subject}`,
      requestId: undefined,
      detail: { repository: repositoryName, papers: String(added) },
    });
    return added;
  });
};

const timesOf = (papers: readonly IssuedPaper[]): ReadonlyMap<string, number> =>
  new Map(papers.map((paper) => [nameOf(paper), paper.verifiedAt]));

const nameOf = ({ payload, key }: IssuedPaper): string => `${payload} ${key}`;
