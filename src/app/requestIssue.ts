import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { Build, BuildImage, Tenant } from "#records/build.ts";
import type { Job } from "#records/job.ts";
import { isOver } from "#records/operation.ts";
import type { IssueMode, Operation } from "#records/operation.ts";
import type { Records } from "#records/recordStore.ts";
import type { Principal } from "#records/token.ts";
import { noteChange } from "#app/noteChange.ts";
import { readBuildImage } from "#app/readBuildImage.ts";
import type { ServiceDeps } from "#app/serviceDeps.ts";

export interface RequestDeps extends ServiceDeps {
  /** Whether the tenant's builds live in this `host/repository`. */
  readonly allowed: (tenant: Tenant, repository: string) => boolean;
  /** Of requests that name none. */
  readonly mode: IssueMode;
}

export interface RequestInput {
  readonly by: Principal;
  readonly app: string;
  readonly build: string;
  /** `HOST/repository@sha256:HEX`; undefined only to issue the papers of the known image again. */
  readonly image: string | undefined;
  /** Issue again although it was done, failed or cancelled before. */
  readonly rerun: boolean;
  /** Undefined: that of the build's last operation, else the service's. */
  readonly mode?: IssueMode | undefined;
  readonly requestId: string | undefined;
  /** Done in the very write that asks, and only with it; may be done again, as that write may. */
  readonly also?: (records: Records, operation: Operation) => Promise<void>;
}

type Requested = { readonly created: boolean; readonly operation: Operation };

/**
 * Asks for the papers of a build's image. The same again is the same operation: `created` is false then. NOT_FOUND for a
 * build that the tenant does not have, BUILD_CONFLICT for another image or mode than before, REPOSITORY_DENIED, and for what
 * is no image by digest REFERENCE_INVALID or INPUT_INVALID.
 */
export const requestIssue =
  (deps: RequestDeps) =>
  async (ctx: Ctx, input: RequestInput): Promise<Requested> => {
    const named = input.image === undefined ? undefined : readBuildImage(input.image);
    const id = deps.newId();
    return deps.store.write(ctx, async (records) => {
      const build = await findBuild(records, input);
      const image = chooseImage(build, named, input.rerun);
      if (!deps.allowed(build.tenant, image.repository)) throw denied(image.repository);
      const requested = await findOrBegin(records, build, { id, image, mode: deps.mode }, input, ctx.clock.now());
      await input.also?.(records, requested.operation);
      return requested;
    });
  };

const findOrBegin = async (
  records: Records,
  build: Build,
  facts: Pick<Operation, "id" | "image" | "mode">,
  input: RequestInput,
  at: number,
): Promise<Requested> => {
  const latest =
    build.operation === undefined ? undefined : await records.operations.find(build.tenant, build.operation);
  if (latest !== undefined && !(input.rerun && isOver(latest.state)))
    return { created: false, operation: demandMode(latest, input.mode) };
  const mode = input.mode ?? latest?.mode ?? facts.mode;
  return { created: true, operation: await begin(records, build, { ...facts, mode }, input, at) };
};

const findBuild = async (records: Records, { by, app, build }: RequestInput): Promise<Build> => {
  const found = await records.builds.find(by.tenant, app, build);
  if (found !== undefined) return found;
  throw new WaybillError("NOT_FOUND", "there is no such build", { hint: "Register the build first." });
};

const chooseImage = (build: Build, named: BuildImage | undefined, rerun: boolean): BuildImage => {
  const image = named ?? (rerun ? build.image : undefined);
  if (image === undefined) {
    const reason = rerun ? "this build has none yet to issue papers for again" : "name the image of the build";
    throw new WaybillError("INPUT_INVALID", `image is missing: ${reason}`, {
      hint: "Write HOST/REPOSITORY@sha256:HEX, as the push answered it.",
      details: { field: "image" },
    });
  }
  const known = build.image ?? image;
  if (known.digest === image.digest && known.repository === image.repository) return image;
  throw new WaybillError("BUILD_CONFLICT", `the build ${build.id} of ${build.app} has another image: ${known.digest}`);
};

/** Whoever was told "gate" must not wait behind what somebody else has loosened, nor the other way round. */
const demandMode = (latest: Operation, mode: IssueMode | undefined): Operation => {
  if (mode === undefined || mode === latest.mode) return latest;
  throw new WaybillError("BUILD_CONFLICT", `the papers were asked for with the mode ${latest.mode}`, {
    hint: "Leave mode out, or ask with rerun once the operation has ended.",
  });
};

const begin = async (
  records: Records,
  build: Build,
  { id, image, mode }: Pick<Operation, "id" | "image" | "mode">,
  { by, requestId }: RequestInput,
  at: number,
): Promise<Operation> => {
  const { tenant, app } = build;
  const names = { id, tenant, app, build: build.id, image };
  const operation: Operation = {
    ...names,
    mode,
    state: "pending",
    attempts: 0,
    reason: undefined,
    createdAt: at,
    updatedAt: at,
  };
  await records.operations.insert(operation);
  await records.jobs.insert(jobOf(operation));
  const after: Build = { ...build, image, operation: id, state: "pending", reason: undefined, updatedAt: at };
  await records.builds.update(after);
  const deed = { at, actor: by.actor, action: "issue.request", requestId };
  await noteChange(records, deed, { build: after, operation });
  return operation;
};

/** It goes by the id of its operation, which has no other: this is how it is found when that is cancelled. */
const jobOf = ({ id, tenant, createdAt }: Operation): Job => ({
  id,
  tenant,
  kind: "issue",
  object: id,
  state: "queued",
  attempts: 0,
  runAt: createdAt,
  owner: undefined,
  leaseUntil: undefined,
  reason: undefined,
  createdAt,
});

const denied = (repository: string): WaybillError =>
  new WaybillError("REPOSITORY_DENIED", `the service issues no papers in ${repository} for this tenant`);
