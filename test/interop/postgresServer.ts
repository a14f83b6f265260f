import { fail } from "node:assert/strict";
import { spawn } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { Pool } from "#store/postgresPool.ts";

/** A PostgreSQL of its own on a socket in a temporary directory; `openPool` gives each caller an empty schema. */
export interface PostgresServer extends AsyncDisposable {
  /** Of its database, for a program of its own. */
  readonly url: string;
  readonly openPool: (schema: string) => Promise<Pool>;
  /** As if the machine had stopped; `start` brings it back. */
  readonly kill: () => Promise<void>;
  readonly start: () => Promise<void>;
}

/** Where Debian keeps the programs; elsewhere they are on the PATH. */
const DEBIAN = "/usr/lib/postgresql/15/bin";
const START_MS = 60_000;

/** Makes a cluster and starts it. PostgreSQL refuses to run as root, so that root lends it the user `nobody`. */
export const startPostgres = async (): Promise<PostgresServer> => {
  const directory = mkdtempSync(join(tmpdir(), "waybill-postgres-"));
  const user = process.getuid?.() === 0 ? idsOf("nobody") : undefined;
  if (user !== undefined) chownSync(directory, user.uid, user.gid);
  const data = join(directory, "data");
  const spawnIn = (name: string, args: readonly string[]) =>
    spawn(programOf(name), args, { ...user, cwd: directory, stdio: ["ignore", "ignore", "pipe"] });

  await ended(spawnIn("initdb", ["-D", data, "-U", "waybill", "-A", "trust", "-E", "UTF8", "--no-locale"]));
  let server: ReturnType<typeof spawnIn> | undefined;
  const start = async (): Promise<void> => {
    server = spawnIn("postgres", ["-D", data, "-k", directory, "-c", "listen_addresses=", "-c", "max_connections=50"]);
    server.stderr.resume();
    await waitUntilUp(directory);
  };
  const stop = async (signal: "SIGINT" | "SIGKILL"): Promise<void> => {
    const over = new Promise((resolve) => server?.once("exit", resolve));
    server?.kill(signal);
    await over;
  };
  await start();
  return {
    url: `postgres://waybill@${encodeURIComponent(directory)}/postgres`,
    openPool: (schema) => openPool(directory, schema),
    kill: () => stop("SIGKILL"),
    start,
    [Symbol.asyncDispose]: async () => {
      await stop("SIGINT");
      rmSync(directory, { recursive: true });
    },
  };
};

const programOf = (name: string): string => (existsSync(join(DEBIAN, name)) ? join(DEBIAN, name) : name);

const idsOf = (name: string): { readonly uid: number; readonly gid: number } => {
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((one) => one.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(":") ?? fail(`there is no user ${name}`);
  return { uid: Number(uid), gid: Number(gid) };
};

const ended = (child: ReturnType<typeof spawn>): Promise<void> =>
  new Promise((resolve, reject) => {
    let said = "";
    child.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve() : reject(new TypeError(`ended with ${code}: ${said}`))));
  });

const newPool = (directory: string, options: string): Pool =>
  new pg.Pool({ host: directory, user: "waybill", database: "postgres", max: 5, options });

const openPool = async (directory: string, schema: string): Promise<Pool> => {
  const admin = newPool(directory, "");
  const client = await admin.connect();
  await client.query(`create schema if not exists ${schema}`, []);
  client.release();
  await admin.end();
  return newPool(directory, `-c search_path=${schema}`);
};

const waitUntilUp = async (directory: string): Promise<void> => {
  for (const end = Date.now() + START_MS; Date.now() < end; await sleep(100)) {
    const pool = newPool(directory, "");
    const answered = await pool.connect().then(
      (client) => (client.release(), true),
      () => false,
    );
    await pool.end();
    if (answered) return;
  }
  fail("PostgreSQL did not start");
};
