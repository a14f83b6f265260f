import type { Ctx } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import type { Signer } from "#core/signer.ts";
import type { Build, BuildImage } from "#records/build.ts";
import type { ImageShape } from "#records/imageShape.ts";
import { issueBuild } from "#app/issueBuild.ts";
import type { IssueBuildDeps } from "#app/issueBuild.ts";
import type { ServiceDeps } from "#app/serviceDeps.ts";
import { stagePapers } from "#app/stagePapers.ts";
import type { StagedPapers } from "#app/stagePapers.ts";

/** An image whose papers are in the registry and wait in the index; an index has an entry for each of its images, too. */
export interface StagedImage extends StagedPapers {
  readonly subject: Digest;
  readonly shape: ImageShape | undefined;
}

/** All of a job that takes long; what it gives is small, however large the papers are. */
export type IssueJob = (ctx: Ctx, build: Build, image: BuildImage, signer: Signer) => Promise<readonly StagedImage[]>;

/** Issues the papers of a build's image, and stages them for the write that ends the job. */
export const issueJob =
  (deps: IssueBuildDeps & ServiceDeps): IssueJob =>
  async (ctx, build, image, signer) => {
    const staged: StagedImage[] = [];
    for (const { subject, shape, papers, isNew } of await issueBuild(deps)(ctx, build, image, signer)) {
      const input = { tenant: build.tenant, subject, papers, isNew };
      staged.push({ subject, shape, ...(await stagePapers(deps)(ctx, input)) });
    }
    return staged;
  };
