import type { Ctx } from "#core/ctx.ts";
import { ERRORS } from "#core/errorTable.ts";
import { WaybillError, asWaybillError } from "#core/errors.ts";
import type { ErrorCode } from "#core/errors.ts";
import type { Signer } from "#core/signer.ts";
import type { Reason } from "#records/build.ts";
import { claimJob } from "#app/claimJob.ts";
import type { ClaimDeps, Claimed, LeasedJob } from "#app/claimJob.ts";
import { holdLease } from "#app/holdLease.ts";
import type { LeaseDeps } from "#app/holdLease.ts";
import { isOperatorsMatter } from "#app/isOperatorsMatter.ts";
import type { IssueJob } from "#app/issueJob.ts";
import { settleJob } from "#app/settleJob.ts";
import type { Outcome, Settled } from "#app/settleJob.ts";

export interface WorkDeps extends ClaimDeps, LeaseDeps {
  /** The service's key; undefined: there is none yet. */
  readonly openSigner: (ctx: Ctx) => Promise<Signer | undefined>;
  readonly issue: IssueJob;
  /** Hears what became of each job that was taken up. */
  readonly hear?: (end: JobEnd) => void;
}

/** What a worker did with a job. */
export interface JobEnd {
  readonly result: Settled["result"] | Exclude<Claimed["kind"], "leased" | "idle">;
  readonly papers: Settled["papers"];
}

/**
 * One step of the worker: takes the job that is due, issues the papers and writes down what came of it. Every step may be
 * cut off anywhere and done again: papers that are there already are not written twice. Throws only what the store throws.
 */
export const workOnJob =
  (deps: WorkDeps) =>
  async (ctx: Ctx): Promise<"worked" | "idle"> => {
    const due = await deps.store.read(ctx, (records) => records.jobs.findDue(ctx.clock.now()));
    if (due === undefined) return "idle";
    const key = await openKey(deps, ctx);
    const claimed = await claimJob(deps)(ctx, key.reason);
    if (claimed.kind === "parked") await wakeIfKey(deps, ctx);
    if (claimed.kind === "idle") return "idle";
    if (claimed.kind !== "leased") {
      deps.hear?.({ result: claimed.kind, papers: [] });
      return "worked";
    }
    if (key.signer === undefined) throw new WaybillError("INTERNAL", "a job was leased without a key");
    const outcome = await attempt(deps, ctx, claimed.leased, key.signer);
    // What was done is written down although the service stops; the store has limits of its own.
    const settled = await settleJob(deps)({ ...ctx, signal: new AbortController().signal }, claimed.leased, outcome);
    deps.hear?.(settled);
    if (settled.result === "lost")
      ctx.log("warn", "another worker has taken a job over", { job: claimed.leased.job.id });
    return "worked";
  };

type Key =
  | { readonly signer: Signer; readonly reason: undefined }
  | { readonly signer: undefined; readonly reason: Reason };

const NO_KEY: Reason = { code: "SIGNING_UNAVAILABLE", message: "the service has no key yet" };

/** A key that cannot be read is the operator's to mend, so builds wait for it as for one that is not there. */
const openKey = async (deps: WorkDeps, ctx: Ctx): Promise<Key> => {
  try {
    const signer = await deps.openSigner(ctx);
    return signer === undefined ? { signer, reason: NO_KEY } : { signer, reason: undefined };
  } catch (error) {
    const { code, message } = asWaybillError(error);
    ctx.log("error", "the key cannot be opened", { code, message });
    return { signer: undefined, reason: { ...NO_KEY, message: "the service's key cannot be opened" } };
  }
};

/** A key that came between the look for it and the parking has woken nobody. */
const wakeIfKey = async (deps: WorkDeps, ctx: Ctx): Promise<void> => {
  const { signer } = await openKey(deps, ctx);
  if (signer !== undefined) await deps.store.write(ctx, (records) => records.jobs.wake(ctx.clock.now()));
};

const attempt = async (deps: WorkDeps, ctx: Ctx, leased: LeasedJob, signer: Signer): Promise<Outcome> => {
  const { job, operation, build } = leased;
  try {
    const images = await holdLease(deps, ctx, job, (inner) => deps.issue(inner, build, operation.image, signer));
    return { kind: "issued", images };
  } catch (thrown) {
    if (ctx.signal.aborted) return { kind: "interrupted" };
    const error = asWaybillError(thrown);
    ctx.log("warn", "papers could not be issued", {
      operation: operation.id,
      code: error.code,
      message: error.message,
      hint: error.hint,
    });
    return { kind: "failed", reason: reasonOf(error), retry: mayHelp(error) };
  }
};

const MAX_MESSAGE = 1000;

const reasonOf = (error: WaybillError): Reason => {
  // A tenant reads it: what concerns the service's own machine is for its log.
  if (isOperatorsMatter(error))
    return { code: error.code, message: `${ERRORS[error.code].title}; the service's log says more` };
  return { code: error.code, message: error.message.slice(0, MAX_MESSAGE) };
};

/** What only its operator can mend, and may be mending just now: credentials change on their way (rotation). */
const MENDED_ELSEWHERE: readonly ErrorCode[] = ["AUTH_REQUIRED", "CONFIG_INVALID"];

/** Aborted, while the service goes on: a lease was lost or a time limit ran out. */
const mayHelp = (error: WaybillError): boolean => {
  // A form that a registry refuses for good (immutable tags) is refused the next time, too.
  const telling = error.code === "WRITE_PARTIAL" && error.cause instanceof WaybillError ? error.cause : error;
  return ERRORS[telling.code].retry || telling.code === "ABORTED" || MENDED_ELSEWHERE.includes(telling.code);
};
