import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Updater } from "tuf-js";
import { DownloadHTTPError } from "tuf-js/dist/error.js";
import { describe, expect, it } from "vitest";
import { tufKey } from "#devsigstore/tufKey.ts";
import { buildTufRepository } from "#devsigstore/tufRepository.ts";
import type { TufRepositoryPlan, TufRootPlan } from "#devsigstore/tufRepository.ts";

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

/** What a client of others makes of it, started from the first root. */
const readWithPeer = async (files: ReadonlyMap<string, Uint8Array>, name: string): Promise<string | undefined> => {
  const dir = await mkdtemp(join(tmpdir(), "waybill-tuf-"));
  await writeFile(join(dir, "root.json"), files.get("1.root.json") ?? "");
  const downloadBytes = async (url: string): Promise<Buffer> => {
    const found = files.get(url.replace("memory:/", ""));
    // Nothing else tells the peer that there is no newer root.
    if (found === undefined) throw new DownloadHTTPError("not there", 404);
    return Buffer.from(found);
  };
  const updater = new Updater({
    metadataDir: dir,
    metadataBaseUrl: "memory:",
    targetBaseUrl: "memory:/targets",
    targetDir: dir,
    fetcher: {
      downloadBytes,
      downloadFile: async (url, _most, handle) => {
        const path = join(dir, "download");
        await writeFile(path, await downloadBytes(url));
        return handle(path);
      },
    },
  });
  await updater.refresh();
  const target = await updater.getTargetInfo(name);
  return target === undefined ? undefined : readFile(await updater.downloadTarget(target, join(dir, "got")), "utf8");
};

describe("buildTufRepository", () => {
  it.each([true, false])(
    "makes what tuf-js verifies over three roots, consistent snapshots: %s",
    async (consistent) => {
      const files = buildTufRepository({ ...plan, consistentSnapshot: consistent });
      expect(await readWithPeer(files, "trusted_root.json")).toBe("{}");
      expect(await readWithPeer(files, "below/name.txt")).toBe("text");
      expect(await readWithPeer(files, "other.json")).toBeUndefined();
    },
  );

  it("makes what tuf-js refuses where a root skips its predecessor", async () => {
    const files = new Map(buildTufRepository(plan));
    const strangers = buildTufRepository({ ...plan, roots: [root([first, second]), root([p256(), p256()])] });
    files.set("2.root.json", Buffer.from(JSON.stringify(dropFirstSigners(strangers.get("2.root.json")))));
    await expect(readWithPeer(files, "trusted_root.json")).rejects.toThrow("root");
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
