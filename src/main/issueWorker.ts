import type { ServiceDeps } from "#app/serviceDeps.ts";
import { workOnJob } from "#app/workOnJob.ts";
import type { JobEnd } from "#app/workOnJob.ts";
import { isProvenance } from "#app/provenanceNames.ts";
import { PREDICATE_TYPES } from "#claims/predicateType.ts";
import type { ControlPlaneSettings } from "#cli/deps.ts";
import type { Ctx } from "#core/ctx.ts";
import { openIssuePool } from "#main/issuePool.ts";
import type { KeyWatch } from "#main/keyWatch.ts";
import { meteredSigner } from "#main/meteredSigner.ts";
import type { Meter } from "#main/serviceMeter.ts";
import type { Verification } from "#main/worker/issueMessage.ts";
import type { IssuedPaper } from "#records/paper.ts";
import { uuidv7 } from "#main/uuidv7.ts";

export interface IssueWorkerDeps extends ServiceDeps {
  readonly key: KeyWatch;
  readonly settings: ControlPlaneSettings;
  readonly meter: Meter;
}

export interface IssueWorker {
  /** One job, if any is due. */
  readonly work: (ctx: Ctx) => Promise<"worked" | "idle">;
  readonly close: () => Promise<void>;
}

// The heart beats three times within it; a worker that died gives its job up after as long. Seconds that the event loop may be
// busy, or that clocks of several machines differ, must be less.
const LEASE_MS = 15_000;

/** The worker of this process: the use case of `waybill issue` with the service's key. */
export const issueWorker = ({ store, newId, key, settings, meter }: IssueWorkerDeps): IssueWorker => {
  const pool = openIssuePool(settings, (all) => countVerifications(meter, all));
  const step = workOnJob({
    store,
    newId,
    owner: `${process.pid}-${uuidv7()}`,
    leaseMs: LEASE_MS,
    every: (ms, action) => {
      const timer = setInterval(action, ms);
      return { stop: () => clearInterval(timer) };
    },
    openSigner: async (ctx) => {
      const signer = await key.open(ctx);
      return signer && meteredSigner(signer, meter);
    },
    issue: pool.issue,
    hear: (end) => countEnd(meter, end),
    enabled: settings.issue,
  });
  return {
    work: async (ctx) => {
      const started = performance.now();
      const result = await step(ctx);
      if (result === "worked") meter.observe("waybill_job_duration_seconds", (performance.now() - started) / 1000);
      return result;
    },
    close: pool.close,
  };
};

const countEnd = (meter: Meter, { result, papers }: JobEnd): void => {
  meter.count("waybill_jobs_total", { result });
  for (const { paper, result: kept } of papers)
    meter.count("attest_ingest_documents_total", { type: typeOf(paper), result: kept });
};

/** Predicate types are without end: whoever can sign as the service may have attested anything. */
const typeOf = ({ kind, predicateType }: IssuedPaper): string => {
  if (kind === "signature") return "signature";
  if (predicateType === PREDICATE_TYPES.cyclonedx || predicateType === PREDICATE_TYPES.spdxjson) return "sbom";
  return isProvenance(predicateType) ? "provenance" : "other";
};

const countVerifications = (meter: Meter, all: readonly Verification[]): void => {
  for (const { kind, refusal, seconds } of all) {
    const labels = refusal === undefined ? HELD : { result: "refused", reason: refusal };
    meter.count("attest_verify_total", labels);
    meter.observe("attest_verify_duration_seconds", seconds, { kind });
  }
};

const HELD = { result: "verified", reason: "none" };
