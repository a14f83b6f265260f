import { describe, expect, it } from "vitest";
import { askGate } from "#app/askGate.ts";
import { cancelOperation } from "#app/cancelOperation.ts";
import { registerBuild } from "#app/registerBuild.ts";
import { requestIssue } from "#app/requestIssue.ts";
import type { IssueMode } from "#records/operation.ts";
import { keyFingerprint } from "#trust/publicKey.ts";
import { codeOfPromise } from "../../test/fakes/codeOfPromise.ts";
import { BENCH_FACTS, openServiceBench, principal, workOnJob } from "../../test/fakes/serviceBench.ts";

const NAMES = { by: principal(), app: "my-app", build: "build-1", requestId: "request-1" };
const NOW = { ms: 0, stop: new AbortController().signal };

const setUp = async ({ mode = "gate" as IssueMode, enabled = true, asked = true } = {}) => {
  const bench = await openServiceBench();
  const deps = { ...bench.deps, enabled, mode };
  const { ctx, signer } = bench;
  await registerBuild(deps)(ctx, { ...NAMES, facts: BENCH_FACTS });
  const request = () => requestIssue(deps)(ctx, { ...NAMES, image: bench.image(bench.digest), rerun: false });
  const own = [`sha256:${keyFingerprint(signer.publicKey)}`];
  const gate = (patience = NOW, keys = own) => askGate(deps)(ctx, { ...NAMES, keys: () => keys, patience });
  const id = asked ? (await request()).operation.id : "";
  const passes = async () =>
    (await bench.read((records) => records.audit.list("default", 0, 99)))
      .filter(({ action }) => action === "gate.pass-unsigned")
      .map(({ detail }) => detail["reason"]);
  const events = async () =>
    (await bench.read((records) => records.events.list("default", 0, 99))).filter(({ kind }) => kind === "gate");
  return { ...bench, deps, gate, id, passes, events, work: () => workOnJob(deps)(ctx), request };
};

describe("askGate", () => {
  it.each(["gate", "best-effort"] as const)(
    "opens in %s mode where the image is signed, and notes nothing",
    async (mode) => {
      const { gate, work, passes } = await setUp({ mode });
      await work();
      expect((await gate()).value).toMatchObject({ open: true, mode, state: "done", reason: undefined, settled: true });
      expect(await passes()).toEqual([]);
    },
  );

  it("asks for a signature under the service's keys, as the badge does", async () => {
    const { gate, work } = await setUp();
    await work();
    const { value } = await gate(NOW, [`sha256:${"0".repeat(64)}`]);
    expect(value).toMatchObject({ open: false, state: "done", reason: { code: "SIGNATURE_NOT_PRODUCED" } });
  });

  it("stays closed in gate mode while papers are under way, where they failed, and without a key", async () => {
    const { gate, work, key, passes } = await setUp();
    expect((await gate()).value).toMatchObject({ open: false, state: "pending", settled: false });
    key.signer = undefined;
    await work();
    expect((await gate()).value).toMatchObject({
      open: false,
      reason: { code: "SIGNING_UNAVAILABLE" },
      settled: false,
    });
    expect(await passes()).toEqual([]);
  });

  it("is closed by what was switched off or cancelled too, and by a build that nobody asked papers for", async () => {
    const off = await setUp({ enabled: false });
    await off.work();
    expect((await off.gate()).value).toMatchObject({ open: false, state: "skipped", settled: true });
    const cancelled = await setUp();
    await cancelOperation(cancelled.deps)(cancelled.ctx, { by: principal(), id: cancelled.id, requestId: undefined });
    expect((await cancelled.gate()).value).toMatchObject({ open: false, state: "skipped", settled: true });
    const unasked = await setUp({ asked: false });
    expect((await unasked.gate()).value).toMatchObject({ open: false, image: undefined, settled: false });
  });

  it("lets a build pass unsigned with best effort, and puts it on record once for each reason", async () => {
    const { gate, work, key, passes, events, id } = await setUp({ mode: "best-effort" });
    expect((await gate()).value).toMatchObject({ open: true, reason: { code: "SIGNATURE_NOT_PRODUCED" } });
    await gate();
    key.signer = undefined;
    await work();
    await gate();
    await gate();
    expect(await passes()).toEqual(["SIGNATURE_NOT_PRODUCED", "SIGNING_UNAVAILABLE"]);
    expect(await events()).toMatchObject([{ operation: id, state: "unsigned" }, { operation: id }]);
  });

  it("waits until the papers are there, and no longer than it was told", async () => {
    const { gate, deps, ctx, work } = await setUp();
    const began = ctx.clock.now();
    expect(await gate({ ...NOW, ms: 1200 })).toMatchObject({ end: "late", value: { open: false } });
    expect(ctx.clock.now() - began).toBe(1200);
    let looks = 0;
    const clock = { ...ctx.clock, sleep: async () => (++looks === 3 ? void (await work()) : undefined) };
    const input = { ...NAMES, keys: () => [], patience: { ...NOW, ms: 60_000 } };
    expect(await askGate(deps)({ ...ctx, clock }, input)).toMatchObject({ end: "over", value: { state: "done" } });
    expect(looks).toBe(3);
  });

  it("ends its wait when the service stops, without a verdict on record, and when the caller goes", async () => {
    const { gate, deps, ctx, passes } = await setUp({ mode: "best-effort" });
    expect((await gate({ ms: 60_000, stop: AbortSignal.abort() })).end).toBe("stopped");
    expect(await passes()).toEqual([]);
    const gone = new AbortController();
    const clock = {
      ...ctx.clock,
      sleep: async () => {
        gone.abort(new DOMException("gone", "AbortError"));
        throw new Error("aborted");
      },
    };
    const input = { ...NAMES, keys: () => [], patience: { ...NOW, ms: 60_000 } };
    await expect(askGate(deps)({ ...ctx, clock, signal: gone.signal }, input)).rejects.toMatchObject({
      code: "ABORTED",
    });
    expect(await passes()).toEqual([]);
  });

  it("knows no other tenant's build", async () => {
    const { deps, ctx } = await setUp();
    const input = { ...NAMES, by: principal("other"), keys: () => [], patience: NOW };
    expect(await codeOfPromise(askGate(deps)(ctx, input))).toBe("NOT_FOUND");
  });
});
