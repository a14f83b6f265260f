import type { ServiceDeps } from "#app/serviceDeps.ts";
import { workOnJob } from "#app/workOnJob.ts";
import type { ControlPlaneSettings } from "#cli/deps.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Signer } from "#core/signer.ts";
import { openIssuePool } from "#main/issuePool.ts";
import type { KeyWatch } from "#main/keyWatch.ts";
import type { Meter } from "#main/meter.ts";
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
  const pool = openIssuePool(settings);
  const step = workOnJob({
    store,
    newId,
    owner: `${process.pid}-${uuidv7()}`,
    leaseMs: LEASE_MS,
    every: (ms, action) => {
      const timer = setInterval(action, ms);
      return { stop: () => clearInterval(timer) };
    },
    openSigner: async (ctx) => metered(await key.open(ctx), meter),
    issue: pool.issue,
    enabled: settings.issue,
  });
  return {
    work: async (ctx) => {
      const started = performance.now();
      const result = await step(ctx);
      if (result === "worked") {
        meter.count("waybill_jobs_total");
        meter.observe("waybill_job_duration_seconds", (performance.now() - started) / 1000);
      }
      return result;
    },
    close: pool.close,
  };
};

const metered = (signer: Signer | undefined, meter: Meter): Signer | undefined =>
  signer && {
    ...signer,
    sign: async (ctx, bytes) => {
      const started = performance.now();
      try {
        const signature = await signer.sign(ctx, bytes);
        meter.count("attest_sign_requests_total", { result: "ok" });
        return signature;
      } catch (error) {
        meter.count("attest_sign_requests_total", { result: "failed" });
        throw error;
      } finally {
        meter.observe("attest_sign_duration_seconds", (performance.now() - started) / 1000);
      }
    },
  };
