import { join } from "node:path";
import type { StorePlace } from "#cli/dataFlag.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { OpenStore } from "#store/openStore.ts";

/**
 * Opens the memory of a control plane: a file below its directory, or where `store` says. USAGE_INVALID for a place of another
 * kind, without showing it: it may hold a password. STORE_FAILED for one that cannot be used.
 */
export const openStore = async (ctx: Ctx, { data, store }: StorePlace): Promise<OpenStore> => {
  if (store?.startsWith("postgres://") === true || store?.startsWith("postgresql://") === true)
    return openPostgres(ctx, store);
  if (store !== undefined && !/^sqlite:./.test(store))
    throw new WaybillError("USAGE_INVALID", "--store is neither sqlite:FILE nor postgres://...");
  const { openSqliteStore } = await import("#store/openSqliteStore.ts");
  return openSqliteStore({ file: storeFile({ data, store }) });
};

/** The file of a store that is none of PostgreSQL. */
export const storeFile = ({ data, store }: StorePlace): string =>
  store?.startsWith("sqlite:") === true ? store.slice("sqlite:".length) : join(data, "waybill.db");

// Readers of one process; writers take turns anyway.
const MAX_CONNECTIONS = 10;
const CONNECT_MS = 10_000;
// A little longer than the server lets a statement run: who is silent for so long is gone, and all writers wait behind it.
const QUERY_MS = 65_000;

const openPostgres = async (ctx: Ctx, url: string): Promise<OpenStore> => {
  const { Pool } = (await import("pg")).default;
  const { openPostgresStore } = await import("#store/openPostgresStore.ts");
  const pool = new Pool({
    connectionString: url,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: QUERY_MS,
    keepAlive: true,
  });
  return openPostgresStore(ctx, { pool });
};
