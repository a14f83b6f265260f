import type { Repositories } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import { digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { parseReference } from "#core/reference.ts";
import type { Signer } from "#core/signer.ts";
import type { Build, BuildImage, Tenant } from "#records/build.ts";
import type { ImageShape } from "#records/imageShape.ts";
import type { IssuedPaper } from "#records/paper.ts";
import { buildProvenanceFacts } from "#app/buildProvenanceFacts.ts";
import { issueImages } from "#app/issueImages.ts";
import type { MakeSbom } from "#app/issueImages.ts";
import { failureOf } from "#app/paperPlan.ts";
import { prepareProvenance } from "#app/prepareProvenance.ts";
import { readImageShape } from "#app/readImageShape.ts";
import { readIssuedPapers } from "#app/readIssuedPapers.ts";
import type { ReadPaper, WatchVerification } from "#app/readIssuedPapers.ts";

export interface IssueBuildDeps {
  readonly repositories: Repositories;
  readonly makeSbom: MakeSbom;
  /** Wait before the last look at written tags, milliseconds. */
  readonly settleMs: number;
  /** URI of the platform that answers for the builds: what provenance names as the builder. */
  readonly builderId: string;
  readonly allowed: (tenant: Tenant, repository: string) => boolean;
  /** Sees the verifications of what was read back. */
  readonly watch?: WatchVerification | undefined;
}

/** What was issued, as read back from the registry; an index has an entry for each of its images, too. */
export interface IssuedImage {
  readonly subject: Digest;
  readonly shape: ImageShape | undefined;
  readonly papers: readonly ReadPaper[];
  /** True for the papers of this very issue. */
  readonly isNew: (paper: IssuedPaper) => boolean;
}

/** Issues the papers of a build's image with the same code as the command line, and reads back what is there. */
export const issueBuild =
  (deps: IssueBuildDeps) =>
  async (ctx: Ctx, build: Build, image: BuildImage, signer: Signer): Promise<readonly IssuedImage[]> => {
    if (!deps.allowed(build.tenant, image.repository)) {
      throw new WaybillError(
        "REPOSITORY_DENIED",
        `the service issues no papers in ${image.repository} for this tenant`,
      );
    }
    const made = new Set<Digest>();
    const note = (predicate: Uint8Array): Uint8Array => {
      made.add(digestOf(predicate));
      return predicate;
    };
    const makeSbom: MakeSbom = async (inner, one, before) => note(await deps.makeSbom(inner, one, before));
    const facts = buildProvenanceFacts(build, deps.builderId);
    const provenance = prepareProvenance(facts.provenance, "1", undefined);
    note(provenance.predicate);
    const reference = `${image.repository}@${image.digest}`;
    const [outcome] = await issueImages({ repositories: deps.repositories, signer, makeSbom })(ctx, {
      references: [reference],
      annotations: facts.annotations,
      provenance,
      sign: true,
      storage: "both",
      dryRun: false,
      maxWorkers: 1,
      settleMs: deps.settleMs,
    });
    const failure = outcome === undefined ? undefined : failureOf(outcome);
    if (failure !== undefined) throw failure;
    const digests = outcome?.kind === "done" ? outcome.images.map(({ digest }) => digest) : [];
    const isNew = (paper: IssuedPaper): boolean =>
      paper.predicate === undefined ? sameNotes(paper.annotations, facts.annotations) : made.has(paper.predicate);
    return readBack(deps, ctx, { build, image, signer, reference, digests, isNew });
  };

interface ReadBackInput {
  readonly build: Build;
  readonly image: BuildImage;
  readonly signer: Signer;
  readonly reference: string;
  readonly digests: readonly Digest[];
  readonly isNew: (paper: IssuedPaper) => boolean;
}

const readBack = async (deps: IssueBuildDeps, ctx: Ctx, input: ReadBackInput): Promise<readonly IssuedImage[]> => {
  const repository = await deps.repositories.open(ctx, parseReference(input.reference), "read");
  const issued: IssuedImage[] = [];
  for (const subject of new Set(input.digests)) {
    const place = { tenant: input.build.tenant, repository, subject };
    const shape = await readImageShape(ctx, place);
    const { papers } = await readIssuedPapers(ctx, {
      ...place,
      repositoryName: input.image.repository,
      trust: { keys: [{ name: "own key", key: input.signer.publicKey }] },
      watch: deps.watch,
    });
    issued.push({ subject, shape, papers, isNew: input.isNew });
  }
  return issued;
};

type Notes = Readonly<Record<string, string>>;

const sameNotes = (a: Notes, b: Notes): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([name, value]) => b[name] === value);
