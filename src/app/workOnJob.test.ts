import { describe, expect, it, vi } from "vitest";
import type { Ctx } from "#core/ctx.ts";
import { digestOf } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { findBreak } from "#records/auditEntry.ts";
import { MAX_ATTEMPTS, retryDelay } from "#records/job.ts";
import type { RecordStore } from "#records/recordStore.ts";
import { badgeOf } from "#app/badgeOf.ts";
import { buildPapers } from "#app/buildPapers.ts";
import { isSigned } from "#app/isSigned.ts";
import { requestIssue } from "#app/requestIssue.ts";
import { showImage } from "#app/showImage.ts";
import { codeOfPromise } from "../../test/fakes/codeOfPromise.ts";
import { BENCH_REPOSITORY, BENCH_SBOM, openServiceBench, principal, workOnJob } from "../../test/fakes/serviceBench.ts";
import type { BenchDeps, ServiceBench } from "../../test/fakes/serviceBench.ts";
import { keyFingerprint } from "#trust/publicKey.ts";

const NAMES = { tenant: "default", app: "my-app", build: "build-1" };

const papersOf = async (bench: ServiceBench, build = "build-1") => {
  const found = await buildPapers(bench.deps)(bench.ctx, { ...NAMES, build });
  if (found === undefined) throw new TypeError("no such build");
  return found;
};

/** What stands in the registry: one paper of each kind, in both forms. */
const expectOneSet = async (bench: ServiceBench): Promise<void> => {
  const reference = bench.image(bench.digest);
  const trust = { keys: [{ name: "key", key: bench.signer.publicKey }] };
  const shown = await showImage(bench.deps)(bench.ctx, { reference, trust });
  expect(shown.missing).toEqual([]);
  expect(shown.papers.map(({ state, forms }) => [state, forms])).toEqual(
    Array(3).fill(["verified", ["bundle", "legacy"]]),
  );
  const { papers } = await papersOf(bench);
  expect(papers.map(({ kind }) => kind).toSorted()).toEqual(["attestation", "attestation", "signature"]);
};

const DONE = { operation: "done", build: "done", job: "done", attempts: 1, code: undefined };

describe("workOnJob", () => {
  it("issues the papers of a build and keeps them to the byte", async () => {
    const bench = await openServiceBench();
    const { deps, ctx } = bench;
    const { id } = await bench.ask();
    expect(await workOnJob(deps)(ctx)).toBe("worked");
    expect(await bench.stateOf(id)).toEqual(DONE);
    await expectOneSet(bench);
    const { build, sbom, provenance, signatures } = await papersOf(bench);
    expect(sbom?.predicate).toBe(digestOf(BENCH_SBOM));
    const documents = await bench.read(async (records) => ({
      sbom: await records.documents.get(digestOf(BENCH_SBOM)),
      provenance: provenance?.predicate && (await records.documents.get(provenance.predicate)),
      payload: signatures[0]?.envelope && (await records.documents.get(signatures[0].envelope)),
      bundle: signatures[0]?.bundle && (await records.documents.get(signatures[0].bundle)),
      image: await records.images.find("default", bench.digest),
      packages: await records.packages.list("default", bench.digest, undefined, { limit: 9, after: undefined }),
    }));
    expect(Buffer.from(documents.sbom?.bytes ?? [])).toEqual(BENCH_SBOM);
    expect(documents.image).toMatchObject({
      platform: "linux/amd64",
      layers: [{ digest: digestOf("content"), size: 7 }],
    });
    expect(documents.packages).toEqual([
      { name: "left-pad", version: "1.3.0", type: "npm", purl: "pkg:npm/left-pad@1.3.0", licenses: "" },
    ]);
    expect(JSON.parse(Buffer.from((documents.provenance || undefined)?.bytes ?? []).toString())).toMatchObject({
      buildDefinition: { externalParameters: { source: "https://git.example/my-app", appId: "my-app" } },
      runDetails: { builder: { id: deps.builderId }, metadata: { invocationId: "build-1" } },
    });
    const annotations = { tenant_id: "default", app_id: "my-app", commit_sha: "deadbeef", build_id: "build-1" };
    const payload = JSON.parse(Buffer.from((documents.payload || undefined)?.bytes ?? []).toString());
    expect(payload).toMatchObject({ optional: annotations });
    expect(signatures[0]?.payload).toBe(signatures[0]?.envelope);
    expect((documents.bundle || undefined)?.mediaType).toContain("sigstore.bundle");
    expect(signatures[0]?.annotations).toEqual(annotations);
    const own = `sha256:${keyFingerprint(bench.signer.publicKey)}`;
    expect(badgeOf({ build, signed: isSigned(signatures, [own]) })).toBe("signed");
    expect(badgeOf({ build, signed: isSigned(signatures, ["sha256:another"]) })).toBe("unknown");
    expect(await workOnJob(deps)(ctx)).toBe("idle");
  });

  it("writes every change down, in the audit chain and for the live pages", async () => {
    const bench = await openServiceBench();
    await bench.ask();
    await workOnJob(bench.deps)(bench.ctx);
    const { audit, events } = await bench.read(async (records) => ({
      audit: await records.audit.list(undefined, 0, 100),
      events: await records.events.list("default", 0, 100),
    }));
    expect(findBreak(audit)).toBeUndefined();
    expect(audit.map(({ actor, action }) => `${actor} ${action}`)).toEqual([
      "token:ci build.register",
      "token:ci issue.request",
      "worker issue.start",
      "worker issue.done",
    ]);
    expect(events.filter(({ kind }) => kind === "build").map(({ state }) => state)).toEqual([
      "pending",
      "pending",
      "running",
      "done",
    ]);
    expect(events.filter(({ kind }) => kind === "operation").map(({ state }) => state)).toEqual([
      "pending",
      "running",
      "done",
    ]);
  });

  it("tries again after what may pass, later each time, and gives up in the end", async () => {
    const bench = await openServiceBench();
    const broken: BenchDeps = {
      ...bench.deps,
      makeSbom: () => Promise.reject(new WaybillError("NETWORK_FAILED", "the registry is away")),
    };
    const { id } = await bench.ask();
    for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt++) {
      expect(await workOnJob(broken)(bench.ctx)).toBe("worked");
      expect(await bench.stateOf(id)).toEqual({
        operation: "pending",
        build: "pending",
        job: "queued",
        attempts: attempt,
        code: "NETWORK_FAILED",
      });
      bench.advance(retryDelay(attempt) - 1);
      expect(await workOnJob(broken)(bench.ctx)).toBe("idle");
      bench.advance(1);
    }
    expect(await workOnJob(broken)(bench.ctx)).toBe("worked");
    expect(await bench.stateOf(id)).toEqual({
      operation: "failed",
      build: "failed",
      job: "dead",
      attempts: MAX_ATTEMPTS,
      code: "NETWORK_FAILED",
    });
    const asked = { by: principal(), ...NAMES, image: undefined, rerun: true, requestId: undefined };
    const again = await requestIssue(bench.deps)(bench.ctx, asked);
    expect(again.created).toBe(true);
    await workOnJob(bench.deps)(bench.ctx);
    expect(await bench.stateOf(again.operation.id)).toEqual(DONE);
    await expectOneSet(bench);
  });

  it("fails at once where trying again cannot help, and says why", async () => {
    const bench = await openServiceBench();
    const { id } = await bench.ask();
    bench.repositories.at(BENCH_REPOSITORY).content.manifests.clear();
    await workOnJob(bench.deps)(bench.ctx);
    const failed = { operation: "failed", build: "failed", job: "dead", attempts: 1 };
    expect(await bench.stateOf(id)).toEqual({ ...failed, code: "NOT_FOUND" });
  });

  it("signs nothing in a repository that is denied by now", async () => {
    const bench = await openServiceBench();
    const { id } = await bench.ask();
    await workOnJob({ ...bench.deps, allowed: () => false })(bench.ctx);
    expect(await bench.stateOf(id)).toMatchObject({ operation: "failed", job: "dead", code: "REPOSITORY_DENIED" });
    expect(bench.signer.signed()).toBe(0);
  });

  it.each([
    ["TAG_IMMUTABLE", "failed"],
    ["REGISTRY_UNAVAILABLE", "pending"],
  ] as const)("after a form that was refused with %s it is %s", async (code, state) => {
    const bench = await openServiceBench((repository) => ({
      ...repository,
      writeManifest: async (ctx, raw, tag, condition) => {
        if (tag?.endsWith(".att") === true) throw new WaybillError(code, "the tag was refused");
        await repository.writeManifest(ctx, raw, tag, condition);
      },
    }));
    const { id } = await bench.ask();
    await workOnJob(bench.deps)(bench.ctx);
    expect(await bench.stateOf(id)).toMatchObject({ operation: state, attempts: 1, code: "WRITE_PARTIAL" });
    expect((await papersOf(bench)).signatures).toEqual([]);
  });

  it("tells nobody what a fault of the program says", async () => {
    const bench = await openServiceBench();
    const { id } = await bench.ask();
    await workOnJob({ ...bench.deps, makeSbom: () => Promise.reject(new TypeError("secret-inside")) })(bench.ctx);
    const operation = await bench.read((records) => records.operations.find("default", id));
    expect(operation?.reason?.code).toBe("INTERNAL");
    expect(operation?.reason?.message).not.toContain("secret-inside");
  });

  it("two workers at once do a job once", async () => {
    const bench = await openServiceBench();
    const { id } = await bench.ask();
    const answers = await Promise.all(["a", "b"].map((owner) => workOnJob({ ...bench.deps, owner })(bench.ctx)));
    expect(answers.toSorted()).toEqual(["idle", "worked"]);
    expect(await bench.stateOf(id)).toEqual(DONE);
    await expectOneSet(bench);
  });

  it("a worker that lost its lease changes nothing any more", async () => {
    const bench = await openServiceBench();
    const { id } = await bench.ask();
    const slow: BenchDeps = {
      ...bench.deps,
      makeSbom: async () => {
        bench.advance(bench.deps.leaseMs);
        expect(await workOnJob(bench.deps)(bench.ctx)).toBe("worked");
        throw new WaybillError("IMAGE_REFUSED", "too late to matter");
      },
    };
    await workOnJob(slow)(bench.ctx);
    expect(await bench.stateOf(id)).toEqual({ ...DONE, attempts: 2 });
    await expectOneSet(bench);
  });

  it("keeps its lease while it works, and stops working when it is gone", async () => {
    const bench = await openServiceBench();
    const { id } = await bench.ask();
    const leaseUntil = async () => (await bench.read((records) => records.jobs.find(id)))?.leaseUntil ?? 0;
    let aborted = false;
    const watched: BenchDeps = {
      ...bench.deps,
      makeSbom: async (ctx) => {
        const before = await leaseUntil();
        bench.advance(bench.deps.leaseMs / 3);
        bench.beat();
        await vi.waitFor(async () => expect(await leaseUntil()).toBe(before + bench.deps.leaseMs / 3));
        await bench.deps.store.write(ctx, async ({ jobs }) => {
          const job = await jobs.find(id);
          if (job !== undefined) await jobs.update({ ...job, owner: "another" });
        });
        expect(ctx.signal.aborted).toBe(false);
        bench.beat();
        await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
        aborted = true;
        ctx.signal.throwIfAborted();
        return BENCH_SBOM;
      },
    };
    await workOnJob(watched)(bench.ctx);
    expect(aborted).toBe(true);
    expect(bench.signer.signed()).toBe(0);
    expect(await bench.stateOf(id)).toMatchObject({ operation: "running", job: "leased" });
  });

  it("keeps a lease that ran out while the process was held up and nobody took the job", async () => {
    const bench = await openServiceBench();
    const { id } = await bench.ask();
    const leaseUntil = async () => (await bench.read((records) => records.jobs.find(id)))?.leaseUntil;
    const heldUp = {
      ...bench.deps,
      makeSbom: async (ctx: Ctx) => {
        bench.advance(bench.deps.leaseMs * 3);
        bench.beat();
        await vi.waitFor(async () => expect(await leaseUntil()).toBe(ctx.clock.now() + bench.deps.leaseMs));
        ctx.signal.throwIfAborted();
        return BENCH_SBOM;
      },
    };
    await workOnJob(heldUp)(bench.ctx);
    expect(await bench.stateOf(id)).toMatchObject({ operation: "done", job: "done", attempts: 1 });
  });

  it("gives the work up when the store does not answer for as long as the lease", async () => {
    const bench = await openServiceBench();
    const { id } = await bench.ask();
    let silent = false;
    const never = new Promise<never>(() => undefined);
    const aborts: boolean[] = [];
    const deps = {
      ...bench.deps,
      store: {
        ...bench.deps.store,
        write: ((ctx, work) => (silent ? never : bench.deps.store.write(ctx, work))) as RecordStore["write"],
      },
      makeSbom: async (ctx: Ctx) => {
        silent = true;
        bench.beat();
        bench.advance(bench.deps.leaseMs - 1);
        bench.beat();
        aborts.push(ctx.signal.aborted);
        bench.advance(1);
        bench.beat();
        aborts.push(ctx.signal.aborted);
        silent = false;
        ctx.signal.throwIfAborted();
        return BENCH_SBOM;
      },
    };
    await workOnJob(deps)(bench.ctx);
    expect(aborts).toEqual([false, true]);
    expect(await bench.stateOf(id)).toMatchObject({ operation: "pending", job: "queued", code: "ABORTED" });
  });

  it("killed at any write, to the registry or to its own store, and run again: one set of papers", async () => {
    let writes = 0;
    let fatal = Number.POSITIVE_INFINITY;
    const mortal =
      <A extends unknown[], R>(write: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        if (++writes >= fatal) throw new WaybillError("STORE_FAILED", "killed");
        return write(...args);
      };
    const issueOnce = async (): Promise<number> => {
      writes = 0;
      const bench = await openServiceBench((repository) => ({
        ...repository,
        writeBlob: mortal(repository.writeBlob),
        writeManifest: mortal(repository.writeManifest),
        writeReferrers: mortal(repository.writeReferrers),
      }));
      const { id } = await bench.ask();
      const { read, write } = bench.deps.store;
      const store = { read, write: mortal(write as RecordStore["write"]) } as RecordStore;
      await codeOfPromise(workOnJob({ ...bench.deps, store })(bench.ctx));
      const needed = writes;
      fatal = Number.POSITIVE_INFINITY;
      bench.advance(bench.deps.leaseMs);
      await workOnJob(bench.deps)(bench.ctx);
      expect(await bench.stateOf(id)).toMatchObject({ operation: "done", build: "done", job: "done" });
      await expectOneSet(bench);
      return needed;
    };
    const needed = await issueOnce();
    expect(needed).toBeGreaterThan(8);
    for (let at = 1; at <= needed; at++) {
      fatal = at;
      await issueOnce();
    }
  });

  it("puts a job back when the service stops, and does not count that", async () => {
    const bench = await openServiceBench();
    const { id } = await bench.ask();
    const stopping = new AbortController();
    const stopped: BenchDeps = {
      ...bench.deps,
      makeSbom: async (ctx) => {
        stopping.abort();
        ctx.signal.throwIfAborted();
        return BENCH_SBOM;
      },
    };
    await workOnJob(stopped)({ ...bench.ctx, signal: stopping.signal });
    expect(await bench.stateOf(id)).toMatchObject({
      operation: "pending",
      build: "pending",
      job: "queued",
      attempts: 0,
    });
    await workOnJob(bench.deps)(bench.ctx);
    expect(await bench.stateOf(id)).toEqual(DONE);
  });

  it("issues again without doubling anything", async () => {
    const bench = await openServiceBench();
    await bench.ask();
    await workOnJob(bench.deps)(bench.ctx);
    const signed = bench.signer.signed();
    bench.advance(1000);
    const asked = { by: principal(), ...NAMES, image: undefined, rerun: true, requestId: undefined };
    const again = await requestIssue(bench.deps)(bench.ctx, asked);
    await workOnJob(bench.deps)(bench.ctx);
    expect(await bench.stateOf(again.operation.id)).toEqual(DONE);
    expect(bench.signer.signed()).toBe(signed);
    await expectOneSet(bench);
  });
});
