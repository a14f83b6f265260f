import { mkdir, mkdtemp, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { initializeTuf } from "#main/initializeTuf.ts";
import { openTrustRoots } from "#main/openTrustRoots.ts";
import type { TrustRootSettings } from "#main/openTrustRoots.ts";
import { SEED_RELEASE, readPublicGoodSeed } from "#sigstore/publicGoodSeed.ts";
import type { TrustRoot } from "#trust/trustRoot.ts";
import { manualClock } from "../../test/fakes/manualClock.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";
import { DAY_MS, NOW, inDays, tufFiles } from "../../test/fakes/tufBench.ts";
import { startTufServer } from "../../test/fakes/tufServer.ts";
import type { TufServer } from "../../test/fakes/tufServer.ts";

const TRUSTED_ROOT = Buffer.from(readPublicGoodSeed().trustedRoot).toString();
const HOUR_MS = 3_600_000;
const SEED_MS = Date.parse(SEED_RELEASE.published);

let server: TufServer;
let mirror: string;
let dir: string;
let rootFile: string;
let warnings: string[];

beforeEach(async () => {
  server = await startTufServer(tufFiles({ targets: { "trusted_root.json": TRUSTED_ROOT } }));
  ({ mirror } = server);
  warnings = [];
  dir = await mkdtemp(join(tmpdir(), "waybill-tuf-"));
  rootFile = join(dir, "root.json");
  await writeFile(rootFile, server.files.get("1.root.json") ?? "");
  vi.stubEnv("TUF_ROOT", join(dir, "tuf"));
  vi.stubEnv("TUF_MIRROR", "");
  vi.stubEnv("TUF_ROOT_JSON", "");
});

afterEach(() => {
  server.close();
  vi.unstubAllEnvs();
});

const ctxAt = (now: number): Ctx =>
  testCtx({
    clock: { ...manualClock(now), sleep: () => Promise.resolve() },
    emit: (event) => {
      if (event.kind === "warning") warnings.push(event.message);
    },
  });

const open = (over: Partial<TrustRootSettings> = {}, now = NOW): Promise<readonly TrustRoot[]> => {
  server.asked.length = 0;
  return openTrustRoots(ctxAt(now), { trustedRoots: [], offline: false, maxRootAge: undefined, ...over });
};

const choose = async (over: Partial<Parameters<typeof initializeTuf>[1]> = {}, now = NOW) =>
  initializeTuf(ctxAt(now), { mirror, root: rootFile, rootChecksum: undefined, ...over });

const failure = async (attempt: Promise<unknown>): Promise<string> => {
  const error: unknown = await attempt.then(
    () => expect.fail("it went well"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof WaybillError)) throw error;
  return `${error.code} ${error.message}`;
};

const facts = (roots: readonly TrustRoot[]): unknown => roots.map(({ source, published }) => [source, published]);

describe("openTrustRoots", () => {
  it("asks the mirror that was chosen, and then nobody for an hour", async () => {
    expect(await choose()).toMatchObject({ mirror, rootVersion: 1, timestampExpires: inDays(3) });
    expect(facts(await open({}, NOW + HOUR_MS - 1))).toEqual([[mirror, new Date(NOW)]]);
    expect(server.asked).toEqual([]);
    expect(facts(await open({}, NOW + HOUR_MS))).toEqual([[mirror, new Date(NOW + HOUR_MS)]]);
    expect(server.asked).toEqual(["2.root.json", "timestamp.json"]);
  });

  it("asks nobody where files are given", async () => {
    await choose();
    const path = join(dir, "trusted_root.jsonl");
    await writeFile(path, `${JSON.stringify(JSON.parse(TRUSTED_ROOT))}\n${JSON.stringify(JSON.parse(TRUSTED_ROOT))}\n`);
    const roots = await open({ trustedRoots: [path] }, NOW + 30 * DAY_MS);
    expect(roots).toHaveLength(2);
    expect(server.asked).toEqual([]);
  });

  it("takes TUF_MIRROR and TUF_ROOT_JSON before what was chosen", async () => {
    vi.stubEnv("TUF_MIRROR", `${mirror}/`);
    expect(await failure(open())).toContain(
      `CONFIG_INVALID nobody said which root the TUF mirror ${mirror} is believed for`,
    );
    vi.stubEnv("TUF_ROOT_JSON", rootFile);
    expect(facts(await open())).toEqual([[mirror, new Date(NOW)]]);
    vi.stubEnv("TUF_ROOT_JSON", join(dir, "gone.json"));
    expect(await failure(open())).toContain("CONFIG_INVALID");
  });

  it("never believes a mirror for the root of another instance", async () => {
    await choose();
    vi.stubEnv("TUF_MIRROR", "https://tuf.example.org");
    expect(await failure(open())).toContain(
      "nobody said which root the TUF mirror https://tuf.example.org is believed for",
    );
  });

  it("takes a directory for a mirror", async () => {
    const copy = await mkdtemp(join(tmpdir(), "waybill-tuf-"));
    await mkdir(join(copy, "targets"));
    for (const [path, bytes] of server.files) await writeFile(join(copy, path), bytes);
    await choose({ mirror: copy });
    expect(facts(await open({}, NOW + HOUR_MS))).toEqual([[copy, new Date(NOW + HOUR_MS)]]);
    expect(server.asked).toEqual([]);
  });

  it("says that a mirror has no trusted root", async () => {
    server.files = tufFiles({ targets: { "rekor.pub": "old" } });
    await writeFile(rootFile, server.files.get("1.root.json") ?? "");
    expect(await failure(choose())).toContain(`TRUST_INVALID ${mirror} has no trusted_root.json`);
    expect(facts(await open({ offline: true }, SEED_MS))).toEqual([["embedded", new Date(SEED_MS)]]);
  });
});

describe("without a line", () => {
  it("serves what is kept, then says how to do without the mirror", async () => {
    await choose();
    server.close();
    expect(await open({}, NOW + DAY_MS)).toHaveLength(1);
    expect(warnings).toEqual([expect.stringContaining("is used, which still holds")]);
    const error = await open({}, NOW + 4 * DAY_MS).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "NETWORK_FAILED", hint: expect.stringContaining("--offline") });
  });

  it("takes what is embedded where nothing is kept of the public instance, and says its age", async () => {
    const roots = await open({ offline: true }, SEED_MS + 20.5 * DAY_MS);
    expect(facts(roots)).toEqual([["embedded", new Date(SEED_MS)]]);
    expect(warnings).toEqual([
      "the embedded trusted root of 2026-11-05 is used, which is 20 days old: nothing is kept of https://tuf-repo-cdn.sigstore.dev, and nobody may be asked",
    ]);
  });

  it("never takes what is embedded for another instance", async () => {
    await choose();
    expect(await open({ offline: true }, NOW + 2 * DAY_MS)).toHaveLength(1);
    expect(await failure(open({ offline: true }, NOW + 4 * DAY_MS))).toContain("TRUST_EXPIRED what is kept of");
    expect(warnings).toEqual([]);
  });
});

describe("--max-root-age (attack 53)", () => {
  it("counts from when the mirror was last asked", async () => {
    await choose();
    const offline = { offline: true, maxRootAge: DAY_MS };
    expect(await open(offline, NOW + DAY_MS)).toHaveLength(1);
    expect(await failure(open(offline, NOW + DAY_MS + 1))).toBe(
      `TRUST_STALE ${mirror}: 24 hours old, at most 24 hours are allowed`,
    );
  });

  it("asks the mirror sooner than within the hour", async () => {
    await choose();
    await open({ maxRootAge: 1000 }, NOW + 1000);
    expect(server.asked).toEqual(["2.root.json", "timestamp.json"]);
  });

  it("counts from when the seed was taken", async () => {
    expect(await open({ offline: true, maxRootAge: DAY_MS }, SEED_MS + DAY_MS)).toHaveLength(1);
    expect(await failure(open({ offline: true, maxRootAge: DAY_MS }, SEED_MS + DAY_MS + 1))).toContain(
      "TRUST_STALE embedded: 24 hours old",
    );
  });

  it("counts from when a file was written", async () => {
    const path = join(dir, "trusted_root.json");
    await writeFile(path, TRUSTED_ROOT);
    await utimes(path, new Date(NOW), new Date(NOW));
    expect(facts(await open({ trustedRoots: [path], maxRootAge: DAY_MS }, NOW + DAY_MS))).toEqual([
      [path, new Date(NOW)],
    ]);
    expect(await failure(open({ trustedRoots: [path], maxRootAge: DAY_MS }, NOW + DAY_MS + 1))).toContain(
      `TRUST_STALE ${path}: 24 hours old`,
    );
  });
});

describe("initializeTuf", () => {
  it("changes nothing where the mirror cannot be believed", async () => {
    await choose();
    const other = tufFiles({ versions: { timestamp: 2 }, expires: { timestamp: inDays(-1) } });
    server.files = new Map([...other, ["1.root.json", server.files.get("1.root.json") ?? Buffer.alloc(0)]]);
    expect(await failure(choose({}, NOW + DAY_MS))).toContain("TRUST_EXPIRED timestamp.json of");
    expect(facts(await open({ offline: true }))).toEqual([[mirror, new Date(NOW)]]);
  });
});
