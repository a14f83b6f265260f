import { openSqliteStore } from "#store/openSqliteStore.ts";
import { testCtx } from "../fakes/testCtx.ts";
import { sampleBuild, sampleEvent, sampleLiveEvent } from "./recordStoreSamples.ts";

// A process of its own that registers builds of one app and prints the name of each once it is acknowledged:
// recordStoreWriter.ts FILE NAME COUNT

const [file = "", name = "", count = ""] = process.argv.slice(2);
const ctx = testCtx();
const store = await openSqliteStore({ file });

for (let at = 0; at < Number(count); at++) {
  const id = `${name}-${at}`;
  await store.write(ctx, async (records) => {
    await records.builds.insert(sampleBuild({ id, row: id }));
    await records.audit.append(sampleEvent({ object: id }));
    await records.events.append(sampleLiveEvent({ build: id }));
  });
  process.stdout.write(`${id}\n`);
}
await store.close();
