import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import type { Repository } from "#core/content.ts";
import { digestHex } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
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

const pathOf = {
  // Each repository is an OCI layout.
  olareg: (name: string, hex: string) => `${name}/blobs/sha256/${hex}`,
  "docker-registry": (_: string, hex: string) => `docker/registry/v2/blobs/sha256/${hex.slice(0, 2)}/${hex}/data`,
} as const;

const subjectOf = (kind: keyof typeof pathOf) => ({
  open: async () => open(`${registries.get(kind)?.host ?? ""}/contract/r${++count}`),
  reopen: async ({ name }: Repository) => open(name),
  damage: async ({ name }: Repository, digest: Digest, bytes: Uint8Array) => {
    const file = pathOf[kind](name.slice(name.indexOf("/") + 1), digestHex(digest));
    await writeFile(join(registries.get(kind)?.storage ?? "", file), bytes);
  },
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
