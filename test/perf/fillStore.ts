import { join } from "node:path";
import { systemClock } from "../../src/main/clock.ts";
import { uuidv7 } from "../../src/main/uuidv7.ts";
import { openSqliteStore } from "../../src/store/openSqliteStore.ts";
import { sampleApp, sampleBuild } from "../contract/recordStoreSamples.ts";

const AT_ONCE = 1000;

/** Makes a control plane's data directory with so many builds in the app `full`. */
export const fillStore = async (data: string, builds: number): Promise<void> => {
  const store = await openSqliteStore({ file: join(data, "waybill.db") });
  const signal = new AbortController().signal;
  const ctx = { signal, log: () => undefined, emit: () => undefined, clock: systemClock };
  await store.write(
    ctx,
    async (records) => void (await records.apps.insert(sampleApp({ name: "full", row: uuidv7() }))),
  );
  for (let done = 0; done < builds; done += AT_ONCE) {
    await store.write(ctx, async (records) => {
      for (let index = done; index < done + AT_ONCE; index++)
        await records.builds.insert(sampleBuild({ app: "full", id: `build-${index}`, row: uuidv7(), state: "done" }));
    });
  }
  await store.close();
};
