import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { tufKey } from "#devsigstore/tufKey.ts";
import { buildTufRepository } from "#devsigstore/tufRepository.ts";
import type { TufRepositoryPlan, TufRootPlan } from "#devsigstore/tufRepository.ts";
import { readWithTufJs } from "../../test/fakes/tufPeer.ts";

const LATER = new Date("2199-01-02T03:04:05Z");
const ed25519 = () => tufKey(generateKeyPairSync("ed25519").privateKey);
const p256 = () => tufKey(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
const [first, second, third, online] = [ed25519(), p256(), p256(), ed25519()];

const root = (keys: TufRootPlan["roles"]["root"]["keys"]): TufRootPlan => ({
  roles: {
    root: { keys, threshold: 2 },
    targets: { keys, threshold: 2 },
    snapshot: { keys: [online] },
    timestamp: { keys: [online] },
  },
  expires: LATER,
});

const plan: TufRepositoryPlan = {
  roots: [root([first, second]), root([second, third]), root([third, first])],
  targets: new Map([
    ["trusted_root.json", Buffer.from("{}")],
    ["below/name.txt", Buffer.from("text")],
  ]),
  versions: { timestamp: 7, snapshot: 5, targets: 3 },
  expires: { timestamp: LATER, snapshot: LATER, targets: LATER },
};

describe("buildTufRepository", () => {
  it.each([true, false])(
    "makes what tuf-js verifies over three roots, consistent snapshots: %s",
    async (consistent) => {
      const files = buildTufRepository({ ...plan, consistentSnapshot: consistent });
      expect(await readWithTufJs(files, "trusted_root.json")).toBe("{}");
      expect(await readWithTufJs(files, "below/name.txt")).toBe("text");
      expect(await readWithTufJs(files, "other.json")).toBeUndefined();
    },
  );

  it("makes what tuf-js refuses where a root skips its predecessor", async () => {
    const files = new Map(buildTufRepository(plan));
    const strangers = buildTufRepository({ ...plan, roots: [root([first, second]), root([p256(), p256()])] });
    files.set("2.root.json", Buffer.from(JSON.stringify(dropFirstSigners(strangers.get("2.root.json")))));
    await expect(readWithTufJs(files, "trusted_root.json")).rejects.toThrow("root");
  });

  it("names files by version and hash", () => {
    expect([...buildTufRepository(plan).keys()].map((path) => path.replace(/[0-9a-f]{64}/, "HASH"))).toEqual([
      "1.root.json",
      "2.root.json",
      "3.root.json",
      "timestamp.json",
      "5.snapshot.json",
      "3.targets.json",
      "targets/HASH.trusted_root.json",
      "targets/below/HASH.name.txt",
    ]);
  });

  it("refuses a plan without a root", () => {
    expect(() => buildTufRepository({ ...plan, roots: [] })).toThrow("at least one root");
  });

  it("refuses keys that TUF clients do not all know", () => {
    expect(() => tufKey(generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey)).toThrow("Ed25519");
  });
});

const dropFirstSigners = (bytes: Uint8Array | undefined): unknown => {
  const document = JSON.parse(Buffer.from(bytes ?? []).toString()) as { signatures: { keyid: string }[] };
  const known = new Set([first.id, second.id]);
  return { ...document, signatures: document.signatures.filter(({ keyid }) => !known.has(keyid)) };
};
