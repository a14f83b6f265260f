import { describe, expect, it } from "vitest";
import { digestOf } from "#core/digest.ts";
import type { Records } from "#records/recordStore.ts";
import { codeOfPromise } from "../fakes/codeOfPromise.ts";
import type { StoreBench } from "./recordStoreBench.ts";
import { IMAGE, sampleApp, sampleBuild } from "./recordStoreSamples.ts";

const ALL = { limit: 100, after: undefined };
const EVERY_BUILD = { app: undefined, state: undefined };

export const testBuilds = ({ read, write, seed }: StoreBench): void => {
  describe("apps", () => {
    it("keeps the first of a name, for each tenant its own", async () => {
      const inserted = await write(async ({ apps }) => [
        await apps.insert(sampleApp()),
        await apps.insert(sampleApp({ row: "another" })),
        await apps.insert(sampleApp({ tenant: "other", publicBadge: true })),
      ]);
      expect(inserted).toEqual([true, false, true]);
      expect(await read(({ apps }) => apps.find("default", "my-app"))).toEqual(sampleApp());
      expect(await read(({ apps }) => apps.find("other", "my-app"))).toEqual(
        sampleApp({ tenant: "other", publicBadge: true }),
      );
      expect(await read(({ apps }) => apps.find("default", "none"))).toBeUndefined();
      expect(await read(({ apps }) => apps.find("nobody", "my-app"))).toBeUndefined();
    });

    it("lists by name, byte by byte, in pieces, with the latest build of each", async () => {
      await write(async ({ apps, builds }) => {
        for (const app of ["b", "a", "C", "ä", "a-1"]) await apps.insert(sampleApp({ name: app, row: app }));
        await apps.insert(sampleApp({ tenant: "other", name: "aa" }));
        await builds.insert(sampleBuild({ app: "a", id: "2", row: "2", updatedAt: 2 }));
        await builds.insert(sampleBuild({ app: "a", id: "1", row: "1", updatedAt: 1 }));
        await builds.update(sampleBuild({ app: "a", id: "1", row: "1", state: "failed", updatedAt: 3 }));
      });
      const first = await read(({ apps }) => apps.list("default", { limit: 3, after: undefined }));
      expect(first.map((one) => one.name)).toEqual(["C", "a", "a-1"]);
      expect(first[1]).toEqual({
        ...sampleApp({ name: "a", row: "a" }),
        builds: 2,
        latest: { id: "2", state: "pending", updatedAt: 2 },
      });
      expect(first[0]).toEqual({ ...sampleApp({ name: "C", row: "C" }), builds: 0, latest: undefined });
      const rest = await read(({ apps }) => apps.list("default", { limit: 3, after: "a-1" }));
      expect(rest.map((one) => one.name)).toEqual(["b", "ä"]);
      await write(({ builds }) =>
        builds.update(sampleBuild({ app: "a", id: "2", row: "2", state: "done", updatedAt: 9 })),
      );
      const [, changed] = await read(({ apps }) => apps.list("default", ALL));
      expect(changed?.latest).toEqual({ id: "2", state: "done", updatedAt: 9 });
    });

    it("marks the badge of one tenant's app only, and says where there is none", async () => {
      await write(async ({ apps }) => {
        await apps.insert(sampleApp());
        await apps.insert(sampleApp({ tenant: "other" }));
        await apps.setPublicBadge("default", "my-app", true);
      });
      expect((await read(({ apps }) => apps.find("default", "my-app")))?.publicBadge).toBe(true);
      expect((await read(({ apps }) => apps.find("other", "my-app")))?.publicBadge).toBe(false);
      expect(await codeOfPromise(write(({ apps }) => apps.setPublicBadge("default", "none", true)))).toBe(
        "STORE_FAILED",
      );
    });

    it("counts the states of a tenant's builds", async () => {
      await write(async ({ apps, builds }) => {
        await apps.insert(sampleApp());
        await apps.insert(sampleApp({ tenant: "other" }));
        await builds.insert(sampleBuild({ tenant: "other" }));
        for (const id of ["1", "2", "3"]) await builds.insert(sampleBuild({ id, row: id }));
        await builds.update(sampleBuild({ id: "2", state: "running" }));
        await builds.update(sampleBuild({ id: "3", state: "running" }));
        await builds.update(sampleBuild({ id: "3", state: "done" }));
      });
      expect(await read(({ apps }) => apps.countStates("default"))).toEqual({ pending: 1, running: 1, done: 1 });
      expect(await read(({ apps }) => apps.countStates("other"))).toEqual({ pending: 1 });
      expect(await read(({ apps }) => apps.countStates("nobody"))).toEqual({});
    });
  });

  describe("builds", () => {
    it("come back as they were, for their tenant and app alone", async () => {
      await seed();
      const bare = sampleBuild({
        id: "bare",
        row: "row-2",
        facts: { source: undefined, commitSha: undefined, builder: undefined, parameters: {} },
      });
      await write(({ builds }) => builds.insert(bare));
      expect(await read(({ builds }) => builds.find("default", "my-app", "build-1"))).toEqual(sampleBuild());
      expect(await read(({ builds }) => builds.find("default", "my-app", "bare"))).toEqual(bare);
      expect(await read(({ builds }) => builds.find("other", "my-app", "build-1"))).toBeUndefined();
      expect(await read(({ builds }) => builds.find("default", "other-app", "build-1"))).toBeUndefined();
    });

    it("belong to an app, and exist once", async () => {
      await seed();
      expect(await codeOfPromise(write(({ builds }) => builds.insert(sampleBuild({ row: "x" }))))).toBe("STORE_FAILED");
      expect(await codeOfPromise(write(({ builds }) => builds.insert(sampleBuild({ app: "none" }))))).toBe(
        "STORE_FAILED",
      );
      expect(await codeOfPromise(write(({ builds }) => builds.insert(sampleBuild({ tenant: "other" }))))).toBe(
        "STORE_FAILED",
      );
    });

    it("change in everything but names, facts and the time of their making", async () => {
      await seed();
      const changed = sampleBuild({
        image: IMAGE,
        state: "failed",
        reason: { code: "NETWORK_FAILED", message: "the registry is away" },
        operation: "operation-1",
        updatedAt: 1_700_000_000_001,
      });
      await write(({ builds }) =>
        builds.update({ ...changed, facts: { ...changed.facts, source: "elsewhere" }, createdAt: 5, row: "moved" }),
      );
      expect(await read(({ builds }) => builds.find("default", "my-app", "build-1"))).toEqual(changed);
      await write(({ builds }) => builds.update(sampleBuild()));
      expect(await read(({ builds }) => builds.find("default", "my-app", "build-1"))).toEqual(sampleBuild());
      for (const none of [{ id: "none" }, { tenant: "other" }, { app: "none" }])
        expect(await codeOfPromise(write(({ builds }) => builds.update(sampleBuild(none))))).toBe("STORE_FAILED");
    });

    it("are listed newest first, in pieces, by app and state", async () => {
      await write(async ({ apps, builds }) => {
        for (const tenant of ["default", "other"])
          for (const app of ["a", "b"]) {
            await apps.insert(sampleApp({ tenant, name: app }));
            for (const id of ["1", "2", "3", "4"])
              await builds.insert(
                sampleBuild({ tenant, app, id, row: `${id}${app}`, state: id === "2" ? "done" : "pending" }),
              );
          }
      });
      const rows = (filter: Parameters<Records["builds"]["list"]>[1], limit: number, after?: string) =>
        read(async ({ builds }) =>
          (await builds.list("default", filter, { limit, after })).map((one) => `${one.tenant} ${one.row}`),
        );
      const mine = (...names: readonly string[]): readonly string[] => names.map((one) => `default ${one}`);
      expect(await rows(EVERY_BUILD, 3)).toEqual(mine("4b", "4a", "3b"));
      expect(await rows(EVERY_BUILD, 9, "3b")).toEqual(mine("3a", "2b", "2a", "1b", "1a"));
      expect(await rows({ app: "a", state: undefined }, 2)).toEqual(mine("4a", "3a"));
      expect(await rows({ app: "a", state: undefined }, 2, "3a")).toEqual(mine("2a", "1a"));
      expect(await rows({ app: undefined, state: "done" }, 9)).toEqual(mine("2b", "2a"));
      expect(await rows({ app: "b", state: "pending" }, 9, "4b")).toEqual(mine("3b", "1b"));
      expect(await read(({ builds }) => builds.list("nobody", EVERY_BUILD, ALL))).toEqual([]);
    });

    it("are found by the digest of their image", async () => {
      await write(async ({ apps, builds }) => {
        for (const tenant of ["default", "other"]) {
          await apps.insert(sampleApp({ tenant }));
          for (const id of ["1", "2", "3"]) await builds.insert(sampleBuild({ tenant, id, row: id, image: IMAGE }));
        }
        await builds.insert(sampleBuild({ id: "4", row: "4" }));
      });
      const found = await read(({ builds }) => builds.listByDigest("default", IMAGE.digest, 2));
      expect(found.map(({ tenant, id }) => [tenant, id])).toEqual([
        ["default", "3"],
        ["default", "2"],
      ]);
      expect(await read(({ builds }) => builds.listByDigest("default", digestOf("other"), 9))).toEqual([]);
    });
  });
};
