import { describe, expect, it } from "vitest";
import type { GatePass } from "#records/gatePass.ts";
import { codeOfPromise } from "../fakes/codeOfPromise.ts";
import type { StoreBench } from "./recordStoreBench.ts";
import { sampleJob, sampleOperation } from "./recordStoreSamples.ts";

export const testWork = ({ read, write, seed }: StoreBench): void => {
  describe("operations", () => {
    it("come back as they were and change, for their tenant alone", async () => {
      await seed();
      const changed = sampleOperation({
        state: "failed",
        attempts: 3,
        reason: { code: "IMAGE_REFUSED", message: "no image" },
        updatedAt: 1_700_000_000_009,
      });
      expect(await read(({ operations }) => operations.find("default", "operation-1"))).toEqual(sampleOperation());
      await write(({ operations }) => operations.update(changed));
      expect(await read(({ operations }) => operations.find("default", "operation-1"))).toEqual(changed);
      expect(await read(({ operations }) => operations.find("other", "operation-1"))).toBeUndefined();
      expect(
        await codeOfPromise(write(({ operations }) => operations.update(sampleOperation({ tenant: "other" })))),
      ).toBe("STORE_FAILED");
      expect(
        await codeOfPromise(write(({ operations }) => operations.insert(sampleOperation({ id: "x", build: "none" })))),
      ).toBe("STORE_FAILED");
    });

    it("are listed newest first, in pieces, by state", async () => {
      await seed();
      await write(async ({ operations }) => {
        for (const id of ["operation-2", "operation-3", "operation-4"])
          await operations.insert(sampleOperation({ id, state: id === "operation-3" ? "done" : "pending" }));
      });
      const ids = (state: "done" | undefined, limit: number, after?: string, tenant = "default") =>
        read(async ({ operations }) => (await operations.list(tenant, state, { limit, after })).map((one) => one.id));
      expect(await ids(undefined, 2)).toEqual(["operation-4", "operation-3"]);
      expect(await ids(undefined, 9, "operation-3")).toEqual(["operation-2", "operation-1"]);
      expect(await ids("done", 9)).toEqual(["operation-3"]);
      expect(await ids(undefined, 9, undefined, "other")).toEqual([]);
    });
  });

  describe("jobs", () => {
    it("come back as they were, and change", async () => {
      const leased = sampleJob({
        state: "leased",
        attempts: 2,
        owner: "worker-1",
        leaseUntil: 5000,
        reason: "again",
      });
      await write(({ jobs }) => jobs.insert(sampleJob()));
      expect(await read(({ jobs }) => jobs.find("job-1"))).toEqual(sampleJob());
      await write(({ jobs }) => jobs.update(leased));
      expect(await read(({ jobs }) => jobs.find("job-1"))).toEqual(leased);
      expect(await read(({ jobs }) => jobs.find("none"))).toBeUndefined();
      expect(await codeOfPromise(write(({ jobs }) => jobs.update(sampleJob({ id: "none" }))))).toBe("STORE_FAILED");
    });

    it("are due in the order of their waiting: queued ones at their time, leased ones when the lease is over", async () => {
      const due = (now: number) => read(async ({ jobs }) => (await jobs.findDue(now))?.id);
      expect(await read(({ jobs }) => jobs.nextDue())).toBeUndefined();
      await write(async ({ jobs }) => {
        await jobs.insert(sampleJob({ id: "late", runAt: 3000 }));
        await jobs.insert(sampleJob({ id: "leased", state: "leased", runAt: 1, leaseUntil: 2000, owner: "worker-1" }));
        await jobs.insert(sampleJob({ id: "done", state: "done", runAt: 1 }));
        await jobs.insert(sampleJob({ id: "dead", state: "dead", runAt: 1 }));
      });
      expect(await read(({ jobs }) => jobs.nextDue())).toBe(2000);
      expect([await due(1999), await due(2000), await due(9999)]).toEqual([undefined, "leased", "leased"]);
      await write(({ jobs }) => jobs.update(sampleJob({ id: "leased", state: "done", leaseUntil: 2000 })));
      expect([await due(2999), await due(3000)]).toEqual([undefined, "late"]);
      expect(await read(({ jobs }) => jobs.nextDue())).toBe(3000);
    });

    it("that wait for a key are woken, and no others", async () => {
      await seed();
      await write(async ({ operations, jobs }) => {
        await operations.insert(sampleOperation({ id: "operation-2", state: "signing_unavailable" }));
        await jobs.insert(sampleJob({ id: "other", runAt: 9000, reason: "the registry is away" }));
        await jobs.insert(sampleJob({ id: "waiting", runAt: 9000, reason: "signing_unavailable" }));
        await jobs.insert(sampleJob({ id: "by-operation", runAt: 9000, object: "operation-2" }));
        await jobs.insert(sampleJob({ id: "dead", state: "dead", reason: "signing_unavailable" }));
      });
      expect(await write(({ jobs }) => jobs.wake(2000))).toBe(2);
      const at = (id: string) => read(async ({ jobs }) => (await jobs.find(id))?.runAt);
      expect([await at("other"), await at("waiting"), await at("by-operation")]).toEqual([9000, 2000, 2000]);
      expect(await read(({ jobs }) => jobs.nextDue())).toBe(2000);
      expect(await write(({ jobs }) => jobs.wake(2000))).toBe(0);
    });

    it("are listed newest first, in pieces, by state, for their tenant alone", async () => {
      await write(async ({ jobs }) => {
        for (const id of ["1", "2", "3"]) await jobs.insert(sampleJob({ id, state: id === "2" ? "dead" : "queued" }));
        await jobs.insert(sampleJob({ id: "4", tenant: "other" }));
      });
      const ids = (state: "dead" | undefined, limit: number, after?: string) =>
        read(async ({ jobs }) => (await jobs.list("default", state, { limit, after })).map((one) => one.id));
      expect(await ids(undefined, 2)).toEqual(["3", "2"]);
      expect(await ids(undefined, 2, "2")).toEqual(["1"]);
      expect(await ids("dead", 9)).toEqual(["2"]);
    });
  });

  describe("the tally of jobs", () => {
    it("is of all tenants, by what they wait for", async () => {
      const none = { due: 0, delayed: 0, parked: 0, leased: 0, dead: 0 };
      expect(await read(({ jobs }) => jobs.tally(5000))).toEqual(none);
      await write(async ({ jobs }) => {
        const queued = { due: 5000, woken: 4000, delayed: 5001, parked: 253_402_300_799_000 };
        for (const [id, runAt] of Object.entries(queued)) {
          const reason = id === "parked" || id === "woken" ? "signing_unavailable" : "REGISTRY_FAILED";
          await jobs.insert(sampleJob({ id, tenant: id, runAt, reason }));
        }
        await jobs.insert(sampleJob({ id: "leased", state: "leased", owner: "worker", leaseUntil: 1 }));
        for (const state of ["dead", "done"] as const) await jobs.insert(sampleJob({ id: state, state }));
        await jobs.insert(sampleJob({ id: "dead-2", tenant: "other", state: "dead" }));
      });
      const tally = { due: 2, delayed: 1, parked: 1, leased: 1, dead: 2 };
      expect(await read(({ jobs }) => jobs.tally(5000))).toEqual(tally);
    });
  });

  describe("gate passes", () => {
    it("are new once for each operation and reason of a build", async () => {
      await seed();
      const pass = { tenant: "default", app: "my-app", build: "build-1", operation: undefined, code: "A", at: 1 };
      const put = (over: Partial<GatePass>) => write(({ gatePasses }) => gatePasses.put({ ...pass, ...over }));
      expect([await put({}), await put({ at: 2 }), await put({ code: "B" })]).toEqual([true, false, true]);
      expect([await put({ operation: "o", code: "B" }), await put({ operation: "o", code: "B" })]).toEqual([
        true,
        false,
      ]);
      expect(await codeOfPromise(put({ build: "none" }))).toBe("STORE_FAILED");
    });
  });
};
