import type { z } from "zod";
import type { Build, BuildImage } from "#records/build.ts";
import type { Job } from "#records/job.ts";
import type { Operation } from "#records/operation.ts";
import type { ImageShape } from "#records/imageShape.ts";
import type { IssuedPaper } from "#records/paper.ts";
import type { Gate } from "#app/judgeGate.ts";
import type { BUILD, GATE, OPERATION } from "#api/contract/buildRoutes.ts";
import type { IMAGE_PAPERS, PAPER } from "#api/contract/paperRoutes.ts";
import type { JOB } from "#api/contract/serviceRoutes.ts";

// Records as the API shows them: snake_case, RFC 3339, null for what is not there.

export const viewTime = (at: number): string => new Date(at).toISOString();

export const viewTimeOrNull = (at: number | undefined): string | null => (at === undefined ? null : viewTime(at));

const viewImage = ({ repository, digest }: BuildImage): z.infer<typeof OPERATION>["image"] => ({
  repository,
  digest,
  reference: `${repository}@${digest}`,
});

export const viewBuild = (build: Build): z.infer<typeof BUILD> => ({
  app: build.app,
  build_id: build.id,
  source: build.facts.source ?? null,
  commit_sha: build.facts.commitSha ?? null,
  builder: build.facts.builder ?? null,
  parameters: { ...build.facts.parameters },
  image: build.image === undefined ? null : viewImage(build.image),
  state: build.state,
  reason: build.reason ?? null,
  operation: build.operation ?? null,
  created_at: viewTime(build.createdAt),
  updated_at: viewTime(build.updatedAt),
});

export const viewOperation = (operation: Operation): z.infer<typeof OPERATION> => ({
  id: operation.id,
  app: operation.app,
  build_id: operation.build,
  image: viewImage(operation.image),
  mode: operation.mode,
  state: operation.state,
  attempts: operation.attempts,
  reason: operation.reason ?? null,
  created_at: viewTime(operation.createdAt),
  updated_at: viewTime(operation.updatedAt),
});

/** One that is open. */
export const viewGate = ({ state, mode, image, operation, reason }: Gate): z.infer<typeof GATE> => ({
  open: true,
  state,
  mode,
  image: image === undefined ? null : viewImage(image),
  operation: operation ?? null,
  reason: reason ?? null,
});

export const viewJob = (job: Job): z.infer<typeof JOB> => ({
  id: job.id,
  kind: job.kind,
  operation: job.object,
  state: job.state,
  attempts: job.attempts,
  run_at: viewTime(job.runAt),
  owner: job.owner ?? null,
  lease_until: viewTimeOrNull(job.leaseUntil),
  reason: job.reason ?? null,
  created_at: viewTime(job.createdAt),
});

/** `own` are the ids of the service's keys. */
export const viewPaper = (paper: IssuedPaper, own: readonly string[]): z.infer<typeof PAPER> => ({
  kind: paper.kind,
  predicate_type: paper.predicateType,
  subject: paper.subject,
  repository: paper.repository,
  payload: paper.payload,
  keyid: paper.key,
  signed_by_service: own.includes(paper.key),
  annotations: { ...paper.annotations },
  predicate_url: documentUrl(paper, paper.predicate),
  envelope_url: documentUrl(paper, paper.envelope),
  bundle_url: documentUrl(paper, paper.bundle),
  verified_at: viewTime(paper.verifiedAt),
});

/** Undefined: nobody knows. */
export const viewShape = (
  shape: ImageShape | undefined,
): Pick<z.infer<typeof IMAGE_PAPERS>, "media_type" | "platform" | "layers" | "images"> => ({
  media_type: shape?.mediaType ?? null,
  platform: shape?.platform ?? null,
  layers: (shape?.layers ?? []).map(({ digest, size, mediaType, createdBy, createdAt }) => ({
    digest,
    size,
    media_type: mediaType,
    created_by: createdBy ?? null,
    created_at: viewTimeOrNull(createdAt),
  })),
  images: (shape?.images ?? []).map(({ digest, platform }) => ({ digest, platform })),
});

/** Where a paper's document is served by its digest. */
export const documentUrl = ({ subject }: IssuedPaper, digest: string | undefined): string | null =>
  digest === undefined ? null : `/v1/images/${subject}/documents/${digest}`;
