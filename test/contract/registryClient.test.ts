import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import type { Repository } from "#core/content.ts";
import { parseReference } from "#core/reference.ts";
import type { RegistryReference } from "#core/reference.ts";
import { createRegistryClient } from "#registry/client/registryClient.ts";
import type { RegistryClient } from "#registry/client/registryClient.ts";
import { startRegistry } from "#registry/server/startRegistry.ts";
import type { RunningRegistry } from "#registry/server/startRegistry.ts";
import { startFaultRegistry } from "../fakes/faultRegistry.ts";
import type { FaultRegistry } from "../fakes/faultRegistry.ts";
import { describeRepository } from "./repositorySuite.ts";

const openClient = (): RegistryClient =>
  createRegistryClient({ version: "0.0.0-test", credentials: async () => undefined });

const clients: RegistryClient[] = [];
const open = (name: string): Repository => {
  const client = openClient();
  clients.push(client);
  return client.repository(parseReference(`${name}:any`) as RegistryReference);
};
afterAll(() => Promise.all(clients.map((client) => client.close())));

let count = 0;

{
  let dir = "";
  let server: RunningRegistry | undefined;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "waybill-client-"));
    server = await startRegistry({ dir, listen: { host: "127.0.0.1", port: 0 }, log: () => {} });
  });
  afterAll(async () => {
    await server?.close();
    rmSync(dir, { recursive: true });
  });
  describeRepository("embedded registry over HTTP", {
    open: async () => open(`${server?.address ?? ""}/embedded/r${++count}`),
    reopen: async ({ name }) => open(name),
    etags: true,
    deletesTags: true,
    describesReferrers: true,
  });
}

for (const referrers of [true, false]) {
  let server: FaultRegistry | undefined;
  beforeAll(async () => void (server = await startFaultRegistry({ referrers })));
  afterAll(() => server?.close());
  describeRepository(referrers ? "registry with referrers API" : "registry without referrers API", {
    open: async () => open(`${server?.host ?? ""}/fake/r${++count}`),
    reopen: async ({ name }) => open(name),
    damage: async ({ name }, digest, bytes) => {
      const repository = name.slice(name.indexOf("/") + 1);
      server?.blobs.set(`${repository}@${digest}`, Buffer.from(bytes));
    },
    etags: true,
    deletesTags: true,
    describesReferrers: true,
  });
}
