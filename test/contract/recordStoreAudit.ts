import { describe, expect, it } from "vitest";
import { digestOf } from "#core/digest.ts";
import { findBreak } from "#records/auditEntry.ts";
import type { StoreBench } from "./recordStoreBench.ts";
import { IMAGE, sampleEvent, sampleJob, samplePaper } from "./recordStoreSamples.ts";

export const testAudit = ({ read, write, seed, check }: StoreBench): void => {
  describe("audit log", () => {
    it("is one chain over all tenants, and each may see its own", async () => {
      const appended = await write(async ({ audit }) => [
        await audit.append(sampleEvent()),
        await audit.append(sampleEvent({ tenant: "other", requestId: undefined, detail: {} })),
        await audit.append(sampleEvent({ at: 3, detail: { b: "2", a: "1" } })),
      ]);
      expect(await read(({ audit }) => audit.list(undefined, 0, 9))).toEqual(appended);
      expect(findBreak(appended)).toBeUndefined();
      expect(await read(({ audit }) => audit.list(undefined, 1, 1))).toEqual([appended[1]]);
      expect(await read(({ audit }) => audit.list("default", 0, 9))).toEqual([appended[0], appended[2]]);
      expect(await read(({ audit }) => audit.list("default", 1, 9))).toEqual([appended[2]]);
      expect(await read(({ audit }) => audit.list("nobody", 0, 9))).toEqual([]);
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
