import type { Repositories } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import { asWaybillError, hasCode } from "#core/errors.ts";
import type { WaybillError } from "#core/errors.ts";
import { mapLimited } from "#core/limit.ts";
import { repositoryName } from "#core/reference.ts";
import type { RegistryReference } from "#core/reference.ts";
import type { Tenant } from "#records/build.ts";
import type { TrustMaterial } from "#trust/verifiedClaim.ts";
import type { BuildClaim } from "#app/buildClaims.ts";
import { checkName } from "#app/checkName.ts";
import { joinClaims } from "#app/joinClaims.ts";
import { listSubjects } from "#app/listSubjects.ts";
import { noteKey } from "#app/noteKey.ts";
import { rebuildBuild } from "#app/rebuildBuild.ts";
import { rebuildImage } from "#app/rebuildImage.ts";
import type { ServiceDeps } from "#app/serviceDeps.ts";

export interface RebuildDeps extends ServiceDeps {
  readonly repositories: Repositories;
}

export interface RebuildInput {
  /** As `AuditEvent.actor`. */
  readonly by: string;
  readonly tenant: Tenant;
  /** Each without tag and digest. */
  readonly from: readonly RegistryReference[];
  /** Nothing that these keys did not sign reaches the index. */
  readonly trust: TrustMaterial;
}

/** What was found in a repository. */
export interface RepositoryCounts {
  readonly images: number;
  /** Images on which nothing hangs. */
  readonly bare: number;
  /** The tenant's papers, each once however stored; and those of them that the index did not have. */
  readonly papers: number;
  readonly addedPapers: number;
  readonly builds: number;
  readonly addedBuilds: number;
  /** Verified papers of other tenants, or of none. */
  readonly others: number;
  /** Copies of papers that do not verify, and manifests that cannot be read. */
  readonly refused: number;
}

export interface RebuiltRepository {
  /** `host/repository`. */
  readonly name: string;
  readonly counts: RepositoryCounts;
  /** Of the refused, what and why. */
  readonly refusals: readonly string[];
  /** Undefined: it was read whole. Else none of its builds is written, and another run completes it. */
  readonly error: WaybillError | undefined;
}

export interface RebuildReport {
  readonly repositories: readonly RebuiltRepository[];
  /** Builds that are not as the papers tell them, or of which these tell two things; a sentence each. */
  readonly conflicts: readonly string[];
}

/**
 * Makes the index of one tenant again from the papers in the registry: papers, their documents and packages, builds and apps,
 * and the keys, as retired ones: the service tells by itself which one it signs with.
 * Adds to what is there and changes nothing of it, so that a second run finds nothing to do. INPUT_INVALID for the tenant's
 * name; throws what the store throws, while a repository that cannot be read is told in its place.
 */
export const rebuildRecords =
  (deps: RebuildDeps) =>
  async (ctx: Ctx, input: RebuildInput): Promise<RebuildReport> => {
    checkName(input.tenant, "tenant");
    const found: FoundRepository[] = [];
    const named = new Map(input.from.map((reference) => [repositoryName(reference), reference]));
    for (const [name, reference] of named) found.push(await readRepository(deps, ctx, input, name, reference));
    // What they signed is signed by the service only where it knows that they were its own.
    await noteKey(deps)(ctx, { by: input.by, note: { kind: "found", keys: input.trust.keys.map(({ key }) => key) } });
    return writeBuilds(deps, ctx, input.by, found);
  };

interface FoundRepository extends RebuiltRepository {
  readonly claims: readonly BuildClaim[];
  readonly inner: ReadonlyMap<Digest, readonly Digest[]>;
}

// Each image has papers under way of its own (gatherPapers), and the index takes one writer at a time.
const WIDTH = 4;
// The rest is in the count: who may push decides how many there are.
const MAX_TOLD = 100;

const NOTHING: RepositoryCounts = {
  images: 0,
  bare: 0,
  papers: 0,
  addedPapers: 0,
  builds: 0,
  addedBuilds: 0,
  others: 0,
  refused: 0,
};

const readRepository = async (
  deps: RebuildDeps,
  ctx: Ctx,
  input: RebuildInput,
  name: string,
  reference: RegistryReference,
): Promise<FoundRepository> => {
  try {
    const repository = await deps.repositories.open(ctx, reference, "read");
    const { subjects, unreadable } = await listSubjects(ctx, repository);
    const images = await mapLimited([...subjects.keys()].toSorted(), WIDTH, async (subject) => {
      const image = await rebuildImage(deps)(ctx, { ...input, repository, repositoryName: name, subject });
      return { subject, ...image };
    });
    const lying = images.filter(({ refused }) => refused > 0);
    const told = lying.map(({ subject, refused, reason }) => `${name}@${subject}: ${tellRefused(refused)}: ${reason}`);
    const sum = (count: (image: (typeof images)[number]) => number): number =>
      images.reduce((total, image) => total + count(image), 0);
    return {
      name,
      counts: {
        ...NOTHING,
        images: images.length,
        bare: images.filter(({ papers, others, refused }) => papers + others + refused === 0).length,
        papers: sum(({ papers }) => papers),
        addedPapers: sum(({ added }) => added),
        others: sum(({ others }) => others),
        refused: sum(({ refused }) => refused) + unreadable.length,
      },
      refusals: [...unreadable, ...told].slice(0, MAX_TOLD),
      error: undefined,
      claims: images.flatMap(({ claims }) => claims),
      inner: subjects,
    };
  } catch (thrown) {
    const error = asWaybillError(thrown);
    // Neither the index nor the program nor who stops it is the repository's fault.
    if (hasCode(error, "ABORTED", "INTERNAL", "STORE_FAILED") || ctx.signal.aborted) throw thrown;
    return { name, counts: NOTHING, refusals: [], error, claims: [], inner: new Map() };
  }
};

const tellRefused = (count: number): string =>
  count === 1 ? "a paper does not verify" : `${count} papers do not verify`;

const writeBuilds = async (
  deps: RebuildDeps,
  ctx: Ctx,
  by: string,
  found: readonly FoundRepository[],
): Promise<RebuildReport> => {
  // Where one repository has an index's manifest and another has not, the one that has it tells.
  const inner = new Map(found.flatMap((one) => [...one.inner].filter(([, images]) => images.length > 0)));
  const claims = found.flatMap((one) => one.claims);
  const joined = joinClaims(claims, inner);
  const conflicts = [...joined.conflicts];
  const builds = new Map<string, { builds: number; addedBuilds: number }>();
  for (const told of joined.builds) {
    const outcome = await rebuildBuild(deps)(ctx, by, told);
    if (outcome === "conflict")
      conflicts.push(`build ${told.app}/${told.id} is registered with other facts or another image`);
    const counts = builds.get(told.image.repository) ?? { builds: 0, addedBuilds: 0 };
    builds.set(told.image.repository, {
      builds: counts.builds + (outcome === "conflict" ? 0 : 1),
      addedBuilds: counts.addedBuilds + (outcome === "added" ? 1 : 0),
    });
  }
  const repositories = found.map(({ name, counts, refusals, error }) => ({
    name,
    counts: { ...counts, ...builds.get(name) },
    refusals,
    error,
  }));
  return { repositories, conflicts };
};
