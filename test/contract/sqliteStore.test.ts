import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digestOf } from "#core/digest.ts";
import { openSqliteStore } from "#store/openSqliteStore.ts";
import { codeOfPromise } from "../fakes/codeOfPromise.ts";
import { testCtx } from "../fakes/testCtx.ts";
import { sampleApp, sampleBuild, sampleEvent, sampleJob, sampleOperation } from "./recordStoreSamples.ts";
import { recordStoreSuite } from "./recordStoreSuite.ts";
import { runWriter } from "./runWriter.ts";

const root = mkdtempSync(join(tmpdir(), "waybill-store-"));
afterAll(() => rmSync(root, { recursive: true }));
const ctx = testCtx();
let files = 0;
const newFile = (): string => join(root, `store-${++files}`, "waybill.db");

recordStoreSuite("SQLite in a file", () => openSqliteStore({ file: newFile() }));
recordStoreSuite("SQLite in memory", () => openSqliteStore({ file: ":memory:" }));

/** A store with one app, closed again. */
const seeded = async (): Promise<string> => {
  const file = newFile();
  const store = await openSqliteStore({ file });
  await store.write(ctx, ({ apps }) => apps.insert(sampleApp()));
  await store.close();
  return file;
};

const tamper = (file: string, statements: string): void => {
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: false });
  database.exec(statements);
  database.close();
};

const messageOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "",
    (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
  );

/** Runs a writer; kills it once it has acknowledged `killAfter` builds. The names it acknowledged. */
const writeBuilds = async (
  file: string,
  name: string,
  count: number,
  killAfter = Infinity,
): Promise<readonly string[]> => {
  const { code, lines, stderr } = await runWriter(
    import.meta.resolve("./recordStoreWriter.ts"),
    [file, name, String(count)],
    { killAfter },
  );
  if (code !== 0 && killAfter === Infinity) throw new TypeError(`the writer ended with ${code}: ${stderr}`);
  return lines;
};

describe("a SQLite store", () => {
  it("is for its owner alone", async () => {
    const file = newFile();
    const store = await openSqliteStore({ file });
    await store.write(ctx, ({ apps }) => apps.insert(sampleApp()));
    const names = readdirSync(join(file, "..")).toSorted();
    expect(names).toEqual(["waybill.db", "waybill.db-shm", "waybill.db-wal"]);
    expect(statSync(join(file, "..")).mode & 0o777).toBe(0o700);
    for (const name of names) expect(statSync(join(file, "..", name)).mode & 0o777).toBe(0o600);
    await store.close();
  });

  it("keeps everything when it is opened again", async () => {
    const file = await seeded();
    const store = await openSqliteStore({ file });
    expect(await store.read(ctx, ({ apps }) => apps.find("default", "my-app"))).toEqual(sampleApp());
    await store.close();
    await store.close();
  });

  it("is open to several processes at once, and loses nothing", async () => {
    const file = await seeded();
    const names = ["a", "b", "c"];
    const acknowledged = (await Promise.all(names.map((name) => writeBuilds(file, name, 40)))).flat();
    const store = await openSqliteStore({ file });
    const cut = { limit: 1000, after: undefined };
    const kept = await store.read(ctx, ({ builds }) =>
      builds.list("default", { app: undefined, state: undefined }, cut),
    );
    expect(kept.map((one) => one.id).toSorted()).toEqual(acknowledged.toSorted());
    expect(acknowledged).toHaveLength(120);
    expect(await store.check(ctx)).toEqual({ ok: true, problems: [], entries: 120 });
    await store.close();
  }, 60_000);

  it("holds what was acknowledged when its writer is killed, and takes the next one", async () => {
    const file = await seeded();
    const acknowledged: string[] = [];
    for (const [round, killAfter] of [1, 20, 60].entries()) {
      const names = await writeBuilds(file, `round-${round}`, 100_000, killAfter);
      expect(names.length).toBeGreaterThanOrEqual(killAfter);
      acknowledged.push(...names);
      const store = await openSqliteStore({ file });
      const report = await store.check(ctx);
      expect(report).toMatchObject({ ok: true, problems: [] });
      // A build that was committed may have lost its acknowledgement, one in each round.
      expect(report.entries - acknowledged.length).toBeGreaterThanOrEqual(0);
      expect(report.entries - acknowledged.length).toBeLessThanOrEqual(round + 1);
      await store.read(ctx, async ({ builds }) => {
        for (const id of acknowledged) expect(await builds.find("default", "my-app", id)).toBeDefined();
      });
      await store.close();
    }
  }, 60_000);

  it("refuses a database whose migrations said something else", async () => {
    const file = await seeded();
    tamper(file, "update migrations set checksum = 'another'");
    expect(await codeOfPromise(openSqliteStore({ file }))).toBe("STORE_FAILED");
    expect(await messageOf(openSqliteStore({ file }))).toMatch(/0001_records.*checksum differs/);
  });

  it("refuses a database of a newer version, and leaves it as it is", async () => {
    const file = await seeded();
    tamper(file, "insert into migrations values ('9999_future', 'x', 1)");
    expect(await codeOfPromise(openSqliteStore({ file }))).toBe("STORE_FAILED");
    expect(await messageOf(openSqliteStore({ file }))).toMatch(/newer version: it knows "9999_future"/);
  });

  it("applies all of a migration or nothing", async () => {
    const file = newFile();
    const store = await openSqliteStore({ file });
    await store.close();
    // The last index of the first migration is in the way, as if a table of another program had its name.
    tamper(file, "drop index replies_by_time; delete from migrations");
    tamper(
      file,
      tablesOf(file)
        .filter((name) => name !== "replies")
        .map((name) => `drop table "${name}"`)
        .join(";"),
    );
    expect(await codeOfPromise(openSqliteStore({ file }))).toBe("STORE_FAILED");
    expect(tablesOf(file)).toEqual(["replies"]);
  });

  it("says what is wrong with a file that is none, or cannot be made", async () => {
    const file = await seeded();
    writeFileSync(file, "this is no database, only a text that is longer than the header of one".repeat(20));
    expect(await messageOf(openSqliteStore({ file }))).toMatch(/not a SQLite database/);
    const beneathFile = join(file, "beneath", "waybill.db");
    expect(await codeOfPromise(openSqliteStore({ file: beneathFile }))).toBe("STORE_FAILED");
    expect(await messageOf(openSqliteStore({ file: root }))).toMatch(/cannot be opened or made/);
  });

  it("fails with STORE_FAILED where another process keeps it locked", async () => {
    const file = await seeded();
    const store = await openSqliteStore({ file });
    const other = new DatabaseSync(file);
    other.exec("begin immediate");
    expect(await messageOf(store.write(ctx, ({ apps }) => apps.insert(sampleApp({ name: "x" }))))).toMatch(/locked/);
    expect(await store.read(ctx, ({ apps }) => apps.find("default", "my-app"))).toBeDefined();
    other.close();
    expect(await store.write(ctx, ({ apps }) => apps.insert(sampleApp({ name: "x" })))).toBe(true);
    await store.close();
  }, 20_000);
});

const tablesOf = (file: string): readonly string[] => {
  const database = new DatabaseSync(file);
  const rows = database.prepare("select name from sqlite_schema where type = 'table' order by name").all();
  database.close();
  return rows.map((row) => String(row["name"]));
};

describe("the check of a SQLite store", () => {
  const whole = newFile();
  beforeAll(async () => {
    const store = await openSqliteStore({ file: whole });
    const bytes = Buffer.from("a document");
    await store.write(ctx, async (records) => {
      await records.apps.insert(sampleApp());
      await records.builds.insert(sampleBuild());
      await records.operations.insert(sampleOperation());
      await records.documents.put({ digest: digestOf(bytes), mediaType: "text/plain", bytes });
      for (let at = 0; at < 2500; at++) await records.audit.append(sampleEvent({ at }));
    });
    await store.close();
  });

  const reportAfter = async (statements: string): Promise<readonly string[]> => {
    const file = `${whole}-${++files}`;
    copyFileSync(whole, file);
    tamper(file, statements);
    const again = await openSqliteStore({ file });
    const { ok, problems } = await again.check(ctx);
    await again.close();
    expect(ok).toBe(problems.length === 0);
    return problems;
  };

  it.each([
    ["select 1", []],
    [
      "update audit set actor = 'nobody' where seq = 2300",
      ["audit entry 2300: it does not follow the entry before it"],
    ],
    ["delete from audit where seq = 1000", ["audit entry 1001: it does not follow the entry before it"]],
    ["delete from audit where seq = 1", ["audit entry 2: it does not follow the entry before it"]],
    ["update documents set bytes = x'00'", [`document ${digestOf("a document")}: its bytes have another digest`]],
    ["delete from builds", expect.arrayContaining(["a row of operations belongs to none of builds"])],
    ["update state_counts set builds = 7", ["tenant default: the number of builds that are pending is wrong"]],
    ["update apps set builds = 7", ["app my-app of tenant default: the number of its builds is wrong"]],
  ])("after %s", async (statements, problems) => {
    expect(await reportAfter(statements)).toEqual(problems);
  });

  it("tells of damaged pages, and what else it found", async () => {
    const file = newFile();
    const store = await openSqliteStore({ file });
    await store.write(ctx, async (records) => {
      await records.jobs.insert(sampleJob());
      await records.audit.append(sampleEvent());
    });
    await store.close();
    damagePage(file, "builds");
    const again = await openSqliteStore({ file });
    const { ok, problems, entries } = await again.check(ctx);
    await again.close();
    expect({ ok, entries }).toEqual({ ok: false, entries: 1 });
    expect(problems).toContain("not everything could be read: the store's file is damaged");
    expect(problems).toContain("job job-1: its operation is missing");
  });
});

/** Overwrites the first page of a table. */
const damagePage = (file: string, table: string): void => {
  const database = new DatabaseSync(file);
  const row = database
    .prepare("select rootpage, page_size from sqlite_schema, pragma_page_size where name = ?")
    .get(table);
  database.close();
  const size = Number(row?.["page_size"]);
  const bytes = readFileSync(file);
  bytes.fill(0xff, (Number(row?.["rootpage"]) - 1) * size, Number(row?.["rootpage"]) * size);
  writeFileSync(file, bytes);
};
