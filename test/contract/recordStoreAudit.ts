import { describe, expect, it } from "vitest";
import { digestOf } from "#core/digest.ts";
import type { AuditEntry } from "#records/auditEntry.ts";
import { findBreak } from "#records/auditEntry.ts";
import type { AuditQuery } from "#records/recordStore.ts";
import type { StoreBench } from "./recordStoreBench.ts";
import { IMAGE, sampleEvent, sampleJob, samplePaper } from "./recordStoreSamples.ts";

export const testAudit = ({ read, write, seed, check }: StoreBench): void => {
  describe("audit log", () => {
    it("is one chain over all tenants, and each may see its own", async () => {
      expect(await read(({ audit }) => audit.newest())).toBeUndefined();
      const appended = await write(async ({ audit }) => [
        await audit.append(sampleEvent()),
        await audit.append(sampleEvent({ tenant: "other", requestId: undefined, detail: {} })),
        await audit.append(sampleEvent({ at: 3, detail: { b: "2", a: "1" } })),
      ]);
      expect(await read(({ audit }) => audit.list(undefined, 0, 9))).toEqual(appended);
      expect(findBreak(appended)).toBeUndefined();
      expect(await read(({ audit }) => audit.newest())).toEqual(appended[2]);
      expect(await read(({ audit }) => audit.list(undefined, 1, 1))).toEqual([appended[1]]);
      expect(await read(({ audit }) => audit.list("default", 0, 9))).toEqual([appended[0], appended[2]]);
      expect(await read(({ audit }) => audit.list("default", 1, 9))).toEqual([appended[2]]);
      expect(await read(({ audit }) => audit.list("nobody", 0, 9))).toEqual([]);
    });

    it("can be searched in both orders, a page at a time", async () => {
      const [first, second, , fourth] = await write(async ({ audit }) => [
        await audit.append(sampleEvent({ actor: "token:a", action: "build.register", object: "apps/x/builds/1" })),
        await audit.append(sampleEvent({ actor: "token:a", action: "issue.done", object: "apps/x/builds/1" })),
        await audit.append(sampleEvent({ tenant: "other", actor: "token:a" })),
        await audit.append(sampleEvent({ actor: "worker", action: "issue.done", object: "apps/x/builds/12" })),
      ]);
      const all: AuditQuery = {
        order: "newest",
        after: undefined,
        actor: undefined,
        action: undefined,
        object: undefined,
      };
      const search = (query: Partial<AuditQuery>, limit = 9): Promise<readonly AuditEntry[]> =>
        read(({ audit }) => audit.search("default", { ...all, ...query }, limit));
      expect(await search({})).toEqual([fourth, second, first]);
      expect(await search({}, 2)).toEqual([fourth, second]);
      expect(await search({ after: second?.seq })).toEqual([first]);
      expect(await search({ order: "oldest" })).toEqual([first, second, fourth]);
      expect(await search({ order: "oldest", after: first?.seq }, 1)).toEqual([second]);
      expect(await search({ actor: "token:a" })).toEqual([second, first]);
      expect(await search({ action: "issue.done" })).toEqual([fourth, second]);
      expect(await search({ object: "apps/x/builds/1" })).toEqual([second, first]);
      expect(await search({ actor: "worker", action: "issue.done", object: "apps/x/builds/12" })).toEqual([fourth]);
      expect(await search({ actor: "worker", action: "build.register" })).toEqual([]);
      expect(await search({ actor: "' or 1=1 --" })).toEqual([]);
    });

    it("is in the order of its making, whatever the clock says", async () => {
      const hour = 3_600_000;
      await write(async ({ audit }) => {
        for (const at of [2 * hour, hour, 0, 3 * hour]) await audit.append(sampleEvent({ at }));
      });
      const entries = await read(({ audit }) => audit.list("default", 0, 9));
      expect(entries.map(({ seq, at }) => [seq, at / hour])).toEqual([
        [1, 2],
        [2, 1],
        [3, 0],
        [4, 3],
      ]);
      expect(await check()).toEqual({ ok: true, problems: [], entries: 4 });
    });

    it("stays whole under a hundred writers at once, some of which fail", async () => {
      const turns = Array.from({ length: 100 }, (_, at) =>
        write(async ({ audit }) => {
          await audit.append(sampleEvent({ object: `object-${at}` }));
          await Promise.resolve();
          await audit.append(sampleEvent({ object: `object-${at} again` }));
          if (at % 10 === 0) throw new RangeError("on purpose");
        }),
      );
      const ended = await Promise.allSettled(turns);
      expect(ended.filter((one) => one.status === "rejected")).toHaveLength(10);
      const entries = await read(({ audit }) => audit.list(undefined, 0, 1000));
      expect(entries).toHaveLength(180);
      expect(findBreak(entries)).toBeUndefined();
      expect(await check()).toEqual({ ok: true, problems: [], entries: 180 });
    });
  });

  it("reports what does not fit", async () => {
    await seed();
    await write(async ({ jobs, papers }) => {
      await jobs.insert(sampleJob());
      await jobs.insert(sampleJob({ id: "job-2", object: "nothing" }));
      await papers.put(samplePaper({ predicate: digestOf("never kept") }));
    });
    const report = await check();
    expect(report).toEqual({
      ok: false,
      entries: 0,
      problems: [
        "job job-2: its operation is missing",
        `paper of ${IMAGE.digest}: its predicate ${digestOf("never kept")} is missing`,
      ],
    });
  });
};
