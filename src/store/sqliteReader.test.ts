import { CompiledQuery } from "kysely";
import type { Dialect } from "kysely";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { sqliteConnection } from "#store/sqliteConnection.ts";
import { sqliteDialect } from "#store/sqliteDialect.ts";
import { sqliteReader } from "#store/sqliteReader.ts";

const setUp = () => {
  const database = new DatabaseSync(":memory:");
  const connection = sqliteConnection(database);
  const dialect: Dialect = sqliteDialect(database, connection);
  return { database, connection, dialect };
};

const one = CompiledQuery.raw("select 1 as value");

it("gives the connection back where a shared read cannot be ended", async () => {
  const { database, connection, dialect } = setUp();
  const failing = {
    ...connection,
    commit: () => {
      throw new RangeError("the disk is gone");
    },
  };
  const shared = sqliteReader(failing, dialect)();
  expect((await shared.run((db) => db.executeQuery(one))).rows).toEqual([{ value: 1 }]);
  expect(shared.end).toThrow(RangeError);
  expect(database.isTransaction).toBe(false);
});

it("lets the next work begin anew where one failed", async () => {
  const { database, connection, dialect } = setUp();
  const shared = sqliteReader(connection, dialect)();
  await expect(shared.run((db) => db.executeQuery(CompiledQuery.raw("select * from nowhere")))).rejects.toMatchObject({
    code: "STORE_FAILED",
  });
  // A work that swallows the failure of a statement fails all the same.
  await expect(
    shared.run((db) => db.executeQuery(CompiledQuery.raw("select * from nowhere")).catch(() => undefined)),
  ).rejects.toMatchObject({ code: "STORE_FAILED" });
  expect((await shared.run((db) => db.executeQuery(one))).rows).toEqual([{ value: 1 }]);
  shared.end();
  expect(database.isTransaction).toBe(false);
});
