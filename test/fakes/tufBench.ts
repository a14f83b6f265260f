import { generateKeyPairSync } from "node:crypto";
import { tufKey } from "#devsigstore/tufKey.ts";
import type { TufKey } from "#devsigstore/tufKey.ts";
import { buildTufRepository } from "#devsigstore/tufRepository.ts";
import type { TufRepositoryPlan, TufRole, TufRootPlan } from "#devsigstore/tufRepository.ts";
import { WaybillError } from "#core/errors.ts";
import type { TufSource } from "#sigstore/tuf/tufSource.ts";

export const NOW = Date.parse("2030-06-01T12:00:00Z");
export const DAY_MS = 24 * 3_600_000;
export const inDays = (days: number): Date => new Date(NOW + days * DAY_MS);

export const newKey = (kind: "ed25519" | "p256" = "ed25519"): TufKey =>
  tufKey(
    kind === "ed25519"
      ? generateKeyPairSync("ed25519").privateKey
      : generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey,
  );

/** Those whom the bench's repositories trust, unless a test says otherwise. */
export const KEYS = { roots: [newKey(), newKey("p256"), newKey()], online: newKey("p256") } as const;

/** A root of two of three signers; the online key signs the rest. */
export const rootPlan = (
  over: Partial<Record<TufRole, TufRootPlan["roles"]["root"]>> = {},
  days = 300,
): TufRootPlan => ({
  roles: {
    root: { keys: KEYS.roots, threshold: 2 },
    targets: { keys: KEYS.roots, threshold: 2 },
    snapshot: { keys: [KEYS.online] },
    timestamp: { keys: [KEYS.online] },
    ...over,
  },
  expires: inDays(days),
});

export interface BenchPlan {
  readonly roots?: readonly TufRootPlan[];
  readonly targets?: Readonly<Record<string, string>>;
  readonly versions?: Partial<TufRepositoryPlan["versions"]>;
  readonly expires?: Partial<TufRepositoryPlan["expires"]>;
  readonly consistentSnapshot?: boolean;
}

/** Files of a repository with one target; versions are 1 and nothing has expired, unless said. */
export const tufFiles = (plan: BenchPlan = {}): Map<string, Uint8Array> =>
  new Map(
    buildTufRepository({
      roots: plan.roots ?? [rootPlan()],
      targets: new Map(
        Object.entries(plan.targets ?? { "trusted_root.json": "{}" }).map(([name, text]) => [name, Buffer.from(text)]),
      ),
      versions: { timestamp: 1, snapshot: 1, targets: 1, ...plan.versions },
      expires: { timestamp: inDays(3), snapshot: inDays(20), targets: inDays(200), ...plan.expires },
      consistentSnapshot: plan.consistentSnapshot ?? true,
    }),
  );

export interface MemorySource extends TufSource {
  /** Paths that were asked for, in order. */
  readonly asked: string[];
  /** What it gives out; tests change it. */
  files: Map<string, Uint8Array>;
}

/** A mirror in memory, which holds itself to caps as a real one. */
export const memorySource = (files: Map<string, Uint8Array>): MemorySource => {
  const source: MemorySource = {
    name: "memory:",
    asked: [],
    files,
    get: async (_ctx, path, cap) => {
      source.asked.push(path);
      const bytes = source.files.get(path);
      if ((bytes?.byteLength ?? 0) > cap) throw new WaybillError("LIMIT_EXCEEDED", `more than ${cap} bytes`);
      return bytes;
    },
  };
  return source;
};
