import type { PostgresServer } from "../interop/postgresServer.ts";

/** Puts so many builds of the app `full` into the default schema, where a control plane has made its tables. */
export const fillPostgres = async (server: PostgresServer, builds: number): Promise<void> => {
  const pool = await server.openPool("public");
  const client = await pool.connect();
  await client.query(`insert into apps select 'default', 'full', 'app', 0, 0, $1, null, null, null, null`, [builds]);
  await client.query(
    `insert into builds select 'default', 'full', 'build-' || n, lpad(n::text, 8, '0'), 'https://git.example/full', 'deadbeef',
     'kaniko', '{}', null, null, 'done', null, null, null, n, n from generate_series(1, $1::bigint) n`,
    [builds],
  );
  await client.query("analyze", []);
  client.release();
  await pool.end();
};
