import { afterAll, beforeAll } from "vitest";
import type { Repository } from "#core/content.ts";
import { parseReference } from "#core/reference.ts";
import type { RegistryReference } from "#core/reference.ts";
import { createRegistryClient } from "#registry/client/registryClient.ts";
import type { RegistryClient } from "#registry/client/registryClient.ts";
import { describeRepository } from "../contract/repositorySuite.ts";
import { startRealRegistry } from "./realRegistry.ts";
import type { RealRegistry } from "./realRegistry.ts";
import { openWorkspace } from "./workspace.ts";

// The contract of content stores, held by other people's registries behind our client.

const workspace = openWorkspace();
const clients: RegistryClient[] = [];
const registries = new Map<string, RealRegistry>();
let count = 0;

const open = (name: string): Repository => {
  const client = createRegistryClient({ version: "0.0.0-test", credentials: async () => undefined });
  clients.push(client);
  return client.repository(parseReference(`${name}:any`) as RegistryReference);
};

beforeAll(async () => {
  for (const kind of ["olareg", "docker-registry"] as const)
    registries.set(kind, await startRealRegistry(workspace, kind));
});
afterAll(async () => {
  for (const client of clients) await client.close();
  for (const registry of registries.values()) await registry[Symbol.asyncDispose]();
  workspace[Symbol.dispose]();
});

const subjectOf = (kind: string) => ({
  open: async () => open(`${registries.get(kind)?.host ?? ""}/contract/r${++count}`),
  reopen: async ({ name }: Repository) => open(name),
});

describeRepository("olareg", {
  ...subjectOf("olareg"),
  etags: false,
  // Off unless it is started with --api-delete.
  deletesTags: false,
  refusesDeletes: true,
  describesReferrers: true,
  // 0.1.2: of twelve pushed at once it lists three to seven, though it answers 201 to all of them.
  forgetsParallelReferrers: true,
});
describeRepository("docker-registry 2.8", {
  ...subjectOf("docker-registry"),
  etags: false,
  deletesTags: false,
  describesReferrers: true,
});
