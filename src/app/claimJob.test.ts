import { describe, expect, it } from "vitest";
import { WaybillError } from "#core/errors.ts";
import { MAX_ATTEMPTS } from "#records/job.ts";
import type { RecordStore } from "#records/recordStore.ts";
import { cancelOperation } from "#app/cancelOperation.ts";
import { requestIssue } from "#app/requestIssue.ts";
import { codeOfPromise } from "../../test/fakes/codeOfPromise.ts";
import { openServiceBench, principal, workOnJob } from "../../test/fakes/serviceBench.ts";
import type { BenchDeps } from "../../test/fakes/serviceBench.ts";

const NAMES = { app: "my-app", build: "build-1" };
const DONE = { operation: "done", build: "done", job: "done", attempts: 1, code: undefined };

describe("claimJob", () => {
  it("gives up a job that ends the program every time", async () => {
    const bench = await openServiceBench();
    const { id } = await bench.ask();
    let writes = 0;
    const dying: RecordStore = {
      ...bench.deps.store,
      // Whatever follows the claim would tell what came of it.
      write: (ctx, work) =>
        ++writes > 1 ? Promise.reject(new WaybillError("STORE_FAILED", "killed")) : bench.deps.store.write(ctx, work),
    };
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      writes = 0;
      await codeOfPromise(workOnJob({ ...bench.deps, store: dying })(bench.ctx));
      bench.advance(bench.deps.leaseMs);
    }
    await workOnJob(bench.deps)(bench.ctx);
    expect(await bench.stateOf(id)).toMatchObject({
      operation: "failed",
      build: "failed",
      job: "dead",
      code: "INTERNAL",
    });
  });

  it("waits for a key, and goes on when it is there", async () => {
    const bench = await openServiceBench();
    bench.key.signer = undefined;
    const { id } = await bench.ask();
    expect(await workOnJob(bench.deps)(bench.ctx)).toBe("worked");
    const parked = { operation: "signing_unavailable", build: "signing_unavailable", job: "queued", attempts: 0 };
    expect(await bench.stateOf(id)).toEqual({ ...parked, code: "SIGNING_UNAVAILABLE" });
    bench.advance(365 * 24 * 3_600_000);
    expect(await workOnJob(bench.deps)(bench.ctx)).toBe("idle");
    bench.key.signer = bench.signer;
    await bench.deps.store.write(bench.ctx, (records) => records.jobs.wake(bench.ctx.clock.now()));
    expect(await workOnJob(bench.deps)(bench.ctx)).toBe("worked");
    expect(await bench.stateOf(id)).toEqual(DONE);
  });

  it("does not sleep through a key that comes at the wrong moment", async () => {
    const bench = await openServiceBench();
    const { id } = await bench.ask();
    let looks = 0;
    const late: BenchDeps = { ...bench.deps, openSigner: async () => (++looks === 1 ? undefined : bench.signer) };
    await workOnJob(late)(bench.ctx);
    expect(await workOnJob(late)(bench.ctx)).toBe("worked");
    expect(await bench.stateOf(id)).toEqual(DONE);
  });

  it("takes a key that cannot be opened for one that is not there, and keeps quiet about it", async () => {
    const bench = await openServiceBench();
    const { id } = await bench.ask();
    const locked = () => Promise.reject(new WaybillError("PASSWORD_WRONG", "/secret/path: wrong password"));
    await workOnJob({ ...bench.deps, openSigner: locked })(bench.ctx);
    const operation = await bench.read((records) => records.operations.find("default", id));
    expect(operation).toMatchObject({ state: "signing_unavailable", reason: { code: "SIGNING_UNAVAILABLE" } });
    expect(operation?.reason?.message).not.toContain("/secret");
  });

  it("does nothing for a cancelled operation", async () => {
    const bench = await openServiceBench();
    const { id } = await bench.ask();
    const by = principal();
    await cancelOperation(bench.deps)(bench.ctx, { by, id, requestId: undefined });
    expect(await workOnJob(bench.deps)(bench.ctx)).toBe("idle");
    expect(await bench.stateOf(id)).toMatchObject({ operation: "cancelled", build: "skipped", job: "done" });
    expect(bench.signer.signed()).toBe(0);
  });

  it("skips everything where issuing is off, and forgets nothing that was issued", async () => {
    const bench = await openServiceBench();
    const off: BenchDeps = { ...bench.deps, enabled: false };
    const first = await bench.ask();
    await workOnJob(off)(bench.ctx);
    expect(await bench.stateOf(first.id)).toMatchObject({ operation: "skipped", build: "skipped", job: "done" });
    const again = () =>
      requestIssue(bench.deps)(bench.ctx, {
        by: principal(),
        ...NAMES,
        image: undefined,
        rerun: true,
        requestId: undefined,
      });
    await again();
    await workOnJob(bench.deps)(bench.ctx);
    const third = await again();
    await workOnJob(off)(bench.ctx);
    expect(await bench.stateOf(third.operation.id)).toMatchObject({ operation: "skipped", build: "done" });
  });
});
