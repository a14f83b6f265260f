import type { Repository } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Signer } from "#core/signer.ts";
import type { IssueBuildDeps } from "#app/issueBuild.ts";
import { issueJob } from "#app/issueJob.ts";
import { workOnJob as workWith } from "#app/workOnJob.ts";
import type { WorkDeps } from "#app/workOnJob.ts";
import { registerBuild } from "#app/registerBuild.ts";
import { requestIssue } from "#app/requestIssue.ts";
import type { RequestDeps } from "#app/requestIssue.ts";
import type { BuildFacts } from "#records/build.ts";
import type { Operation } from "#records/operation.ts";
import type { Records } from "#records/recordStore.ts";
import type { Principal } from "#records/token.ts";
import { openSqliteStore } from "#store/openSqliteStore.ts";
import { createMemoryRepositories, pushImage } from "./memoryRepositories.ts";
import { testCtx } from "./testCtx.ts";
import { createTestSigner } from "./testSigner.ts";

export const BENCH_REPOSITORY = "registry.example/builds/my-app";

export const BENCH_FACTS: BuildFacts = {
  source: "https://git.example/my-app",
  commitSha: "deadbeef",
  builder: "kaniko",
  parameters: { target: "release" },
};

export const BENCH_SBOM = Buffer.from(
  JSON.stringify({
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    components: [{ type: "library", name: "left-pad", version: "1.3.0", purl: "pkg:npm/left-pad@1.3.0" }],
  }),
);

export const principal = (tenant = "default"): Principal => ({
  tenant,
  role: "builder",
  actor: "token:ci",
  quota: "token:1",
});

/** What the worker needs where it issues in this very thread. */
export interface BenchDeps extends Omit<WorkDeps, "issue">, IssueBuildDeps {}

export const workOnJob = (deps: BenchDeps): ReturnType<typeof workWith> => workWith({ ...deps, issue: issueJob(deps) });

/** Everything that the service's use cases need, in memory; time stands still until `advance`, and sleeping moves it. */
export const openServiceBench = async (wrap?: (repository: Repository) => Repository) => {
  const repositories = createMemoryRepositories(wrap);
  const store = await openSqliteStore({ file: ":memory:" });
  const signer = createTestSigner();
  const key: { signer: Signer | undefined } = { signer };
  const beats = new Set<() => void>();
  let now = 1_700_000_000_000;
  let ids = 0;
  const clock = {
    now: () => now,
    jitter: () => 0.5,
    sleep: async (ms: number, signal: AbortSignal) => {
      signal.throwIfAborted();
      now += ms;
    },
  };
  const ctx: Ctx = testCtx({ clock });
  const deps: BenchDeps & RequestDeps = {
    store,
    newId: () => `01900000-0000-7000-8000-${String(++ids).padStart(12, "0")}`,
    owner: "worker",
    leaseMs: 60_000,
    enabled: true,
    mode: "best-effort",
    every: (_, action) => {
      beats.add(action);
      return { stop: () => void beats.delete(action) };
    },
    openSigner: async () => key.signer,
    repositories,
    makeSbom: async () => BENCH_SBOM,
    settleMs: 0,
    builderId: "https://waybill.example/builder",
    allowed: (_, repository) => repository.startsWith("registry.example/builds/"),
  };
  const image = (digest: string): string => `${BENCH_REPOSITORY}@${digest}`;
  const digest = await pushImage(ctx, repositories.at(BENCH_REPOSITORY), undefined, "content");
  return {
    ctx,
    deps,
    repositories,
    signer,
    key,
    digest,
    image,
    advance: (ms: number): void => void (now += ms),
    /** Lets all heartbeats beat once. */
    beat: (): void => beats.forEach((action) => action()),
    read: <T>(work: (records: Records) => Promise<T>): Promise<T> => store.read(ctx, work),
    /** Where an operation of the tenant `default`, its build and its job are. */
    stateOf: (id: string) =>
      store.read(ctx, async (records) => {
        const operation = await records.operations.find("default", id);
        const build = await records.builds.find("default", "my-app", operation?.build ?? "");
        const job = await records.jobs.find(id);
        return {
          operation: operation?.state,
          build: build?.state,
          job: job?.state,
          attempts: job?.attempts,
          code: operation?.reason?.code,
        };
      }),
    /** Registers a build and asks for its papers. */
    ask: async (build = "build-1", tenant = "default"): Promise<Operation> => {
      const names = { by: principal(tenant), app: "my-app", build, requestId: undefined };
      await registerBuild(deps)(ctx, { ...names, facts: BENCH_FACTS });
      const asked = await requestIssue(deps)(ctx, { ...names, image: image(digest), rerun: false });
      return asked.operation;
    },
  };
};

export type ServiceBench = Awaited<ReturnType<typeof openServiceBench>>;
