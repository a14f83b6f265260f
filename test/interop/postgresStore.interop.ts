import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPostgresStore } from "#store/openPostgresStore.ts";
import { recordStoreSuite } from "../contract/recordStoreSuite.ts";
import { sampleApp, sampleBuild, sampleEvent, sampleLiveEvent } from "../contract/recordStoreSamples.ts";
import { codeOfPromise } from "../fakes/codeOfPromise.ts";
import { testCtx } from "../fakes/testCtx.ts";
import { startPostgres } from "./postgresServer.ts";
import type { PostgresServer } from "./postgresServer.ts";

const ctx = testCtx();
let server: PostgresServer;
let schemas = 0;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(async () => server[Symbol.asyncDispose]());

const openIn = async (schema: string) => openPostgresStore(ctx, { pool: await server.openPool(schema) });

recordStoreSuite("PostgreSQL", () => openIn(`suite_${++schemas}`));

const alter = async (schema: string, statement: string): Promise<void> => {
  const pool = await server.openPool(schema);
  const client = await pool.connect();
  await client.query(statement, []);
  client.release();
  await pool.end();
};

describe("a PostgreSQL store", () => {
  it("is shared by several openers, which make it once, and loses none of their writes", async () => {
    await alter("shared", "select 1");
    const stores = await Promise.all(Array.from({ length: 4 }, () => openIn("shared")));
    await stores[0]?.write(ctx, ({ apps }) => apps.insert(sampleApp()));
    const turns = stores.flatMap((store, replica) =>
      Array.from({ length: 50 }, (_, at) =>
        store.write(ctx, async (records) => {
          await records.builds.insert(sampleBuild({ id: `${replica}-${at}`, row: `${replica}-${at}` }));
          await records.audit.append(sampleEvent());
          await records.events.append(sampleLiveEvent());
        }),
      ),
    );
    await Promise.all(turns);
    const reports = await Promise.all(stores.map((store) => store.check(ctx)));
    for (const report of reports) expect(report).toEqual({ ok: true, problems: [], entries: 200 });
    expect(await stores[3]?.read(ctx, ({ apps }) => apps.countStates("default"))).toEqual({ pending: 200 });
    for (const store of stores) await store.close();
  });

  it("reads one moment, whatever others write meanwhile", async () => {
    const [reader, writer] = [await openIn("moment"), await openIn("moment")];
    const seen = await reader.read(ctx, async ({ apps }) => {
      const before = await apps.find("default", "my-app");
      await writer.write(ctx, ({ apps: theirs }) => theirs.insert(sampleApp()));
      return [before, await apps.find("default", "my-app")];
    });
    expect(seen).toEqual([undefined, undefined]);
    expect(await reader.read(ctx, ({ apps }) => apps.find("default", "my-app"))).toEqual(sampleApp());
    await reader.close();
    await writer.close();
  });

  it("refuses a changed and a newer database", async () => {
    await (await openIn("changed")).close();
    await alter("changed", "update migrations set checksum = 'another'");
    await expect(openIn("changed")).rejects.toThrow(/checksum differs/);
    await (await openIn("newer")).close();
    await alter("newer", "insert into migrations values ('9999_future', 'x', 1)");
    await expect(openIn("newer")).rejects.toThrow(/newer version/);
  });

  it("finds a changed audit entry", async () => {
    const store = await openIn("tampered");
    await store.write(ctx, async ({ audit }) => {
      for (let at = 0; at < 5; at++) await audit.append(sampleEvent({ at }));
    });
    await alter("tampered", "update audit set actor = 'nobody' where seq = 4");
    expect((await store.check(ctx)).problems).toEqual(["audit entry 4: it does not follow the entry before it"]);
    await store.close();
  });

  it("holds what was acknowledged when the database is killed, and goes on when it is back", async () => {
    const store = await openIn("killed");
    await store.write(ctx, ({ apps }) => apps.insert(sampleApp()));
    let acknowledged = 0;
    const writing = (async () => {
      for (;;) {
        const id = String(acknowledged);
        await store.write(ctx, async ({ builds, audit }) => {
          await builds.insert(sampleBuild({ id, row: id }));
          await audit.append(sampleEvent());
        });
        acknowledged++;
        if (acknowledged === 50) void server.kill();
      }
    })();
    expect(await codeOfPromise(writing)).toBe("STORE_FAILED");
    expect(await codeOfPromise(store.read(ctx, ({ tokens }) => tokens.isEmpty()))).toBe("STORE_FAILED");
    await server.start();
    expect(await store.read(ctx, ({ tokens }) => tokens.isEmpty())).toBe(true);
    const { ok, entries } = await store.check(ctx);
    expect(ok).toBe(true);
    expect(entries - acknowledged).toBeGreaterThanOrEqual(0);
    expect(entries - acknowledged).toBeLessThanOrEqual(1);
    await store.close();
  });
});
