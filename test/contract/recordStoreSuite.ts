import { afterEach, beforeEach, describe } from "vitest";
import type { OpenStore } from "#store/openStore.ts";
import { testCtx } from "../fakes/testCtx.ts";
import { testAudit } from "./recordStoreAudit.ts";
import type { StoreBench } from "./recordStoreBench.ts";
import { testBuilds } from "./recordStoreBuilds.ts";
import { testKeys } from "./recordStoreKeys.ts";
import { testPapers } from "./recordStorePapers.ts";
import { sampleApp, sampleBuild, sampleOperation } from "./recordStoreSamples.ts";
import { testTransactions } from "./recordStoreTransactions.ts";
import { testWork } from "./recordStoreWork.ts";

/** What every store must hold to; `open` gives an empty one. */
export const recordStoreSuite = (name: string, open: () => Promise<OpenStore>): void => {
  describe(`the contract of a store, ${name}`, () => {
    let store: OpenStore;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(async () => store.close());

    const ctx = testCtx();
    const bench: StoreBench = {
      read: (work) => store.read(ctx, work),
      write: (work) => store.write(ctx, work),
      readAs: (other, work) => store.read(other, work),
      writeAs: (other, work) => store.write(other, work),
      seed: () =>
        store.write(ctx, async (records) => {
          await records.apps.insert(sampleApp());
          await records.builds.insert(sampleBuild());
          await records.operations.insert(sampleOperation());
        }),
      check: () => store.check(ctx),
      close: () => store.close(),
    };
    for (const test of [testBuilds, testWork, testPapers, testAudit, testKeys, testTransactions]) test(bench);
  });
};
