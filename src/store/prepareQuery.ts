import type { Compilable, CompiledQuery, DialectAdapter, Kysely } from "kysely";
import type { Tables } from "#store/tables.ts";

interface Prepared<R> {
  readonly query: CompiledQuery<R>;
  /** For each parameter of the query which argument it is; undefined: what the query says itself. */
  readonly places: readonly (number | undefined)[];
}

/**
 * A query that is built and compiled once for a database and then only given its values: building one takes longer than
 * SQLite needs to answer it. `make` says where values stand, all of which it must name as parameters without defaults; it
 * may not look at them, since it is called with marks in their places.
 */
export const prepareQuery = <P extends readonly string[], R>(
  make: (db: Kysely<Tables>, ...values: P) => Compilable<R>,
): ((db: Kysely<Tables>, ...values: P) => Promise<readonly R[]>) => {
  // A database's transactions all have its adapter.
  const known = new WeakMap<DialectAdapter, Prepared<R>>();
  return async (db, ...values) => {
    const { adapter } = db.getExecutor();
    const prepared = known.get(adapter) ?? prepare(db, make);
    known.set(adapter, prepared);
    const { query, places } = prepared;
    const parameters = places.map((place, at) => (place === undefined ? query.parameters[at] : values[place]));
    return (await db.executeQuery<R>({ ...query, parameters })).rows;
  };
};

const prepare = <P extends readonly string[], R>(
  db: Kysely<Tables>,
  make: (db: Kysely<Tables>, ...values: P) => Compilable<R>,
): Prepared<R> => {
  const marks: readonly unknown[] = Array.from({ length: make.length - 1 }, () => Symbol("value"));
  const query = make(db, ...(marks as P)).compile();
  const places = query.parameters.map((parameter) => {
    const place = marks.indexOf(parameter);
    return place === -1 ? undefined : place;
  });
  return { query, places };
};
