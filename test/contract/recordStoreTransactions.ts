import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { WaybillError } from "#core/errors.ts";
import { findBreak } from "#records/auditEntry.ts";
import { codeOfPromise } from "../fakes/codeOfPromise.ts";
import { testCtx } from "../fakes/testCtx.ts";
import { showPackages } from "../fakes/showPackages.ts";
import type { StoreBench } from "./recordStoreBench.ts";
import {
  IMAGE,
  sampleApp,
  sampleBuild,
  sampleEvent,
  sampleJob,
  sampleLiveEvent,
  sampleOperation,
  samplePaper,
  sampleToken,
} from "./recordStoreSamples.ts";

const ALL = { limit: 100, after: undefined };
const EVERY_BUILD = { app: undefined, state: undefined };

export const testTransactions = ({ read, write, seed, close, writeAs, readAs }: StoreBench): void => {
  describe("a transaction", () => {
    it("that fails leaves nothing behind, and its error passes on as it is", async () => {
      const error = new RangeError("on purpose");
      const failing = write(async (records) => {
        await records.apps.insert(sampleApp());
        await records.builds.insert(sampleBuild());
        await records.operations.insert(sampleOperation());
        await records.jobs.insert(sampleJob());
        await records.papers.put(samplePaper());
        await records.tokens.insert(sampleToken());
        await records.audit.append(sampleEvent());
        await records.events.append(sampleLiveEvent());
        throw error;
      });
      await expect(failing).rejects.toBe(error);
      await read(async (records) => {
        expect(await records.apps.list("default", ALL)).toEqual([]);
        expect(await records.apps.countStates("default")).toEqual({});
        expect(await records.builds.list("default", EVERY_BUILD, ALL)).toEqual([]);
        expect(await records.operations.list("default", undefined, ALL)).toEqual([]);
        expect(await records.jobs.find("job-1")).toBeUndefined();
        expect(await records.papers.list("default", IMAGE.digest)).toEqual([]);
        expect(await records.tokens.isEmpty()).toBe(true);
        expect(await records.audit.list(undefined, 0, 9)).toEqual([]);
        expect(await records.events.last()).toBe(0);
      });
    });

    it("keeps nothing where a statement failed, though its work went on", async () => {
      await seed();
      const swallowing = write(async ({ builds, jobs }) => {
        await jobs.insert(sampleJob());
        await builds.insert(sampleBuild({ row: "x" })).catch(() => undefined);
      });
      expect(await codeOfPromise(swallowing)).toBe("STORE_FAILED");
      expect(await read(({ jobs }) => jobs.find("job-1"))).toBeUndefined();
    });

    it("tells neither SQL nor values when the database refuses", async () => {
      await seed();
      const refused = await write(({ builds }) => builds.insert(sampleBuild({ row: "secret-row" }))).catch(
        (thrown: unknown) => thrown,
      );
      expect(refused).toMatchObject({ code: "STORE_FAILED", message: "a rule of the store forbids the change" });
      const { hint, details, cause } = refused as WaybillError;
      expect(`${JSON.stringify([hint, details])} ${String(cause)}`).not.toMatch(/insert|builds|build-1|secret/i);
    });

    it("comes after the one before it: a hundred writers lose nothing", async () => {
      await seed();
      const increment = () =>
        write(async ({ operations }) => {
          const found = await operations.find("default", "operation-1");
          if (found === undefined) return;
          await Promise.resolve();
          await operations.update({ ...found, attempts: found.attempts + 1 });
        });
      await Promise.all(Array.from({ length: 100 }, increment));
      expect((await read(({ operations }) => operations.find("default", "operation-1")))?.attempts).toBe(100);
    });

    it("inside another one is refused rather than waited for", async () => {
      for (const outer of [read, write])
        for (const inner of [read, write])
          expect(await codeOfPromise(outer(() => inner(async () => undefined)))).toBe("INTERNAL");
      expect(await read(({ tokens }) => tokens.isEmpty())).toBe(true);
    });

    it("may follow from work that another one began", async () => {
      let followed: Promise<boolean> = Promise.resolve(false);
      let release = (): void => undefined;
      const ended = new Promise<void>((resolve) => (release = resolve));
      await write(async () => {
        followed = ended.then(() => read(({ tokens }) => tokens.isEmpty()));
      });
      release();
      expect(await followed).toBe(true);
    });

    it("that reads changes nothing", async () => {
      await seed();
      expect(await codeOfPromise(read(({ apps }) => apps.insert(sampleApp({ name: "x" }))))).toMatch(
        /^(INTERNAL|STORE_FAILED)$/,
      );
      expect(await read(({ apps }) => apps.find("default", "x"))).toBeUndefined();
      expect(await write(({ apps }) => apps.insert(sampleApp({ name: "x" })))).toBe(true);
    });

    it("lends its records only as long as it lasts", async () => {
      const lent = await write(async (records) => records);
      await expect(lent.apps.insert(sampleApp())).rejects.toThrow(/committed/);
      expect(await read(({ apps }) => apps.list("default", ALL))).toEqual([]);
    });

    it("does not begin when its caller has gone", async () => {
      const gone = testCtx({ signal: AbortSignal.abort() });
      await expect(writeAs(gone, ({ apps }) => apps.insert(sampleApp()))).rejects.toThrow(/abort/i);
      await expect(readAs(gone, ({ apps }) => apps.find("default", "x"))).rejects.toThrow(/abort/i);
      expect(await read(({ apps }) => apps.list("default", ALL))).toEqual([]);
    });

    it("is refused once the store is closed", async () => {
      await close();
      expect(await codeOfPromise(read(({ tokens }) => tokens.isEmpty()))).toBe("STORE_FAILED");
    });
  });

  describe("texts", () => {
    // Half a surrogate pair, NUL, quotes, the sign that marks what is escaped, and the letters of SQL.
    const hostile = fc.oneof(
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.string({
        unit: fc.constantFrom("\0", "\ud800", "\udfff", "\u{10FFFD}", "'", '"', "\\", "0", "f", "d", "%"),
      }),
      fc.constantFrom("'; drop table apps; --", "__proto__", "\u{10FFFD}fffd", "\u{10FFFD}0000", "ﬀ\u0301\u202e"),
    );

    it("come back as they were, wherever they stand", async () => {
      await seed();
      await fc.assert(
        fc.asyncProperty(hostile, hostile, async (one, two) => {
          const build = sampleBuild({
            facts: { source: one, commitSha: two, builder: one, parameters: { [one]: two } },
            id: one,
            row: `${one} ${two}`,
            reason: { code: "INTERNAL", message: two },
          });
          const event = sampleEvent({ actor: one, object: two, detail: { [two]: one }, requestId: two });
          const rolled = new RangeError("enough");
          const work = write(async (records) => {
            const { builds, audit, packages: lists } = records;
            await builds.insert(build);
            expect(await builds.find("default", "my-app", one)).toEqual(build);
            const entry = await audit.append(event);
            expect(await audit.list(undefined, 0, 9)).toEqual([entry]);
            expect(findBreak(await audit.list(undefined, 0, 9))).toBeUndefined();
            const packages = [{ name: one, version: two, type: two, purl: one, licenses: two }];
            await showPackages(records, "default", IMAGE.digest, packages);
            expect(await lists.list("default", IMAGE.digest, one, ALL)).toEqual(packages);
            throw rolled;
          });
          await expect(work).rejects.toBe(rolled);
        }),
        { numRuns: 60 },
      );
    });

    it("may be very long", async () => {
      await seed();
      const long = "ä\0'".repeat(300_000);
      await write(({ builds }) => builds.update(sampleBuild({ reason: { code: "INTERNAL", message: long } })));
      const found = await read(({ builds }) => builds.find("default", "my-app", "build-1"));
      expect(found?.reason?.message === long).toBe(true);
    });
  });
};
