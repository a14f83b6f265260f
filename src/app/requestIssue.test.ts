import { describe, expect, it } from "vitest";
import { digestOf } from "#core/digest.ts";
import { cancelOperation } from "#app/cancelOperation.ts";
import { registerBuild } from "#app/registerBuild.ts";
import { requestIssue } from "#app/requestIssue.ts";
import { codeOfPromise } from "../../test/fakes/codeOfPromise.ts";
import {
  BENCH_FACTS,
  BENCH_REPOSITORY,
  openServiceBench,
  principal,
  workOnJob,
} from "../../test/fakes/serviceBench.ts";

const NAMES = { by: principal(), app: "my-app", build: "build-1", requestId: undefined };
const DIGEST = digestOf("an image");
const IMAGE = `${BENCH_REPOSITORY}@${DIGEST}`;
const INPUT = { ...NAMES, image: IMAGE, rerun: false };

const setUp = async () => {
  const bench = await openServiceBench();
  await registerBuild(bench.deps)(bench.ctx, { ...NAMES, facts: BENCH_FACTS });
  const request = (over: Partial<Parameters<ReturnType<typeof requestIssue>>[1]>) =>
    requestIssue(bench.deps)(bench.ctx, { ...INPUT, ...over });
  return { ...bench, request };
};

describe("requestIssue", () => {
  it("makes one operation for one image, however often it is asked", async () => {
    const { request, read } = await setUp();
    const first = await request({});
    expect(first).toMatchObject({
      created: true,
      operation: { state: "pending", attempts: 0, image: { repository: BENCH_REPOSITORY, digest: DIGEST } },
    });
    expect(await request({})).toEqual({ created: false, operation: first.operation });
    expect(await request({ rerun: true })).toEqual({ created: false, operation: first.operation });
    const jobs = await read((records) => records.jobs.list("default", undefined, { limit: 9, after: undefined }));
    expect(jobs.map(({ object, state }) => [object, state])).toEqual([[first.operation.id, "queued"]]);
  });

  it("begins again when it is asked to and the last operation has ended", async () => {
    const { request, deps, ctx } = await setUp();
    const { operation } = await request({});
    await cancelOperation(deps)(ctx, { by: principal(), id: operation.id, requestId: undefined });
    expect((await request({})).operation.state).toBe("cancelled");
    const again = await request({ image: undefined, rerun: true });
    expect(again.created).toBe(true);
    expect(again.operation.id).not.toBe(operation.id);
    expect(again.operation.image).toEqual(operation.image);
  });

  it("keeps the mode it was asked with, also for a repeat and a rerun that name none", async () => {
    const { request, deps, ctx } = await setUp();
    const { operation } = await request({ mode: "gate" });
    expect(operation.mode).toBe("gate");
    expect((await request({})).operation).toEqual(operation);
    expect(await codeOfPromise(request({ mode: "best-effort" }))).toBe("BUILD_CONFLICT");
    const cancel = (id: string) => cancelOperation(deps)(ctx, { by: principal(), id, requestId: undefined });
    await cancel(operation.id);
    const again = await request({ rerun: true });
    expect([again.created, again.operation.mode]).toEqual([true, "gate"]);
    await cancel(again.operation.id);
    expect((await request({ rerun: true, mode: "best-effort" })).operation.mode).toBe("best-effort");
  });

  it.each([
    ["another digest", `${BENCH_REPOSITORY}@${digestOf("another")}`],
    ["another repository", `registry.example/builds/other@${DIGEST}`],
  ])("holds a build to its image: %s is a conflict", async (_, image) => {
    const { request } = await setUp();
    await request({});
    expect(await codeOfPromise(request({ image }))).toBe("BUILD_CONFLICT");
    expect(await codeOfPromise(request({ image, rerun: true }))).toBe("BUILD_CONFLICT");
  });

  it.each([
    ["INPUT_INVALID", "registry.example/builds/my-app"],
    ["INPUT_INVALID", "registry.example/builds/my-app:1.0"],
    ["INPUT_INVALID", `registry.example/builds/my-app:1.0@${DIGEST}`],
    ["INPUT_INVALID", `registry.example/builds/my-app@${digestOf("x", "sha512")}`],
    ["INPUT_INVALID", `oci:/etc@${DIGEST}`],
    ["INPUT_INVALID", `169.254.169.254/latest/meta-data@${DIGEST}`],
    ["INPUT_INVALID", `2852039166:80/latest@${DIGEST}`],
    ["INPUT_INVALID", `0xa9fea9fe:80/latest@${DIGEST}`],
    ["INPUT_INVALID", `[fe80::1]:5000/latest@${DIGEST}`],
    ["INPUT_INVALID", `[::ffff:169.254.169.254]:5000/latest@${DIGEST}`],
    ["INPUT_INVALID", `[64:ff9b::a9fe:a9fe]/latest@${DIGEST}`],
    ["REFERENCE_INVALID", `[1:2:3]:5000/latest@${DIGEST}`],
    ["REFERENCE_INVALID", "UPPER/case@sha256:x"],
    ["REFERENCE_INVALID", `../../etc/passwd@${DIGEST}`],
    ["REPOSITORY_DENIED", `registry.example/elsewhere/my-app@${DIGEST}`],
    ["REPOSITORY_DENIED", `registry.example.evil/builds/my-app@${DIGEST}`],
    ["INPUT_INVALID", undefined],
  ])("answers %s for the image %s", async (code, image) => {
    const { request } = await setUp();
    expect(await codeOfPromise(request({ image }))).toBe(code);
  });

  it("asks for an image before there is one to issue again", async () => {
    const { request } = await setUp();
    expect(await codeOfPromise(request({ image: undefined, rerun: true }))).toBe("INPUT_INVALID");
  });

  it("does not know another tenant's build, app or operation (IDOR)", async () => {
    const { request, deps, ctx } = await setUp();
    const by = principal("other");
    expect(await codeOfPromise(request({ by }))).toBe("NOT_FOUND");
    expect(await codeOfPromise(request({ build: "build-2" }))).toBe("NOT_FOUND");
    const { operation } = await request({});
    expect(await codeOfPromise(cancelOperation(deps)(ctx, { by, id: operation.id, requestId: undefined }))).toBe(
      "NOT_FOUND",
    );
  });
});

describe("cancelOperation", () => {
  it("ends what waits, once", async () => {
    const { request, deps, ctx, read } = await setUp();
    const { operation } = await request({});
    const cancel = () => cancelOperation(deps)(ctx, { by: principal(), id: operation.id, requestId: "request-2" });
    expect(await cancel()).toMatchObject({ state: "cancelled" });
    expect(await codeOfPromise(cancel())).toBe("OPERATION_OVER");
    const audit = await read((records) => records.audit.list("default", 0, 9));
    expect(audit.at(-1)).toMatchObject({ action: "issue.cancel", actor: "token:ci", requestId: "request-2" });
    expect(await workOnJob(deps)(ctx)).toBe("idle");
  });

  it("ends what waits for a key", async () => {
    const bench = await openServiceBench();
    const { id } = await bench.ask();
    bench.key.signer = undefined;
    await workOnJob(bench.deps)(bench.ctx);
    const input = { by: principal(), id, requestId: undefined };
    expect(await cancelOperation(bench.deps)(bench.ctx, input)).toMatchObject({ state: "cancelled" });
    expect(await bench.deps.store.write(bench.ctx, (records) => records.jobs.wake(bench.ctx.clock.now()))).toBe(0);
  });

  it("does not stop what is under way", async () => {
    const bench = await openServiceBench();
    const { id } = await bench.ask();
    const codes: unknown[] = [];
    const makeSbom: typeof bench.deps.makeSbom = async (ctx, image, made) => {
      const input = { by: principal(), id, requestId: undefined };
      codes.push(await codeOfPromise(cancelOperation(bench.deps)(bench.ctx, input)));
      return bench.deps.makeSbom(ctx, image, made);
    };
    await workOnJob({ ...bench.deps, makeSbom })(bench.ctx);
    expect(codes).toEqual(["OPERATION_OVER"]);
    expect(await bench.read((records) => records.operations.find("default", id))).toMatchObject({ state: "done" });
  });
});
