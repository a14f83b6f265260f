import { chmod, mkdir, mkdtemp, readFile, readdir, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { openTufRepository } from "#sigstore/tuf/openTufRepository.ts";
import type { TufRepository, TufSettings } from "#sigstore/tuf/openTufRepository.ts";
import { manualClock } from "../../../test/fakes/manualClock.ts";
import { testCtx } from "../../../test/fakes/testCtx.ts";
import { DAY_MS, NOW, inDays, memorySource, tufFiles } from "../../../test/fakes/tufBench.ts";
import type { BenchPlan, MemorySource } from "../../../test/fakes/tufBench.ts";

const HOUR_MS = 3_600_000;
const rootOf = (files: ReadonlyMap<string, Uint8Array>): Uint8Array => files.get("1.root.json") ?? Buffer.alloc(0);
const FIRST_ROOT = rootOf(tufFiles());

let cacheDirectory: string;
let warnings: string[];
let source: MemorySource;

beforeEach(async () => {
  cacheDirectory = await mkdtemp(join(tmpdir(), "waybill-tuf-"));
  warnings = [];
  source = memorySource(tufFiles());
});

const serve = (plan: BenchPlan): void => {
  source.files = tufFiles(plan);
};

const ctxAt = (now: number): Ctx =>
  testCtx({
    clock: manualClock(now),
    emit: (event) => {
      if (event.kind === "warning") warnings.push(event.message);
    },
  });

const open = (now = NOW, over: Partial<TufSettings> = {}): Promise<TufRepository> => {
  source.asked.length = 0;
  return openTufRepository(ctxAt(now), { source, firstRoot: FIRST_ROOT, cacheDirectory, offline: false, ...over });
};

const read = async (repository: TufRepository, name = "trusted_root.json"): Promise<string | undefined> => {
  const bytes = await repository.target(ctxAt(NOW), name);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString();
};

const codeOf = async (attempt: Promise<unknown>): Promise<string> => {
  const error: unknown = await attempt.then(
    () => expect.fail("it went well"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof WaybillError)) throw error;
  return `${error.code} ${error.message}`;
};

/** The one directory of the bench's repository. */
const kept = async (): Promise<string> => {
  const [name = ""] = await readdir(cacheDirectory);
  return join(cacheDirectory, name);
};

const generations = async (): Promise<readonly string[]> =>
  (await readdir(await kept())).filter((name) => name.startsWith("generation-")).toSorted();

describe("openTufRepository", () => {
  it("gives targets and says how fresh they are", async () => {
    const repository = await open();
    expect(await read(repository)).toBe("{}");
    expect(await read(repository, "signing_config.v0.2.json")).toBeUndefined();
    expect(repository).toMatchObject({
      rootVersion: 1,
      rootExpires: inDays(300),
      timestampExpires: inDays(3),
      fetchedAt: new Date(NOW),
    });
    expect(source.asked).toHaveLength(5);
    expect(warnings).toEqual([]);
  });

  it("asks nobody within the hour, and for two files after it", async () => {
    await read(await open());
    expect(await read(await open(NOW + HOUR_MS - 1))).toBe("{}");
    expect(source.asked).toEqual([]);
    expect(await read(await open(NOW + HOUR_MS))).toBe("{}");
    expect(source.asked).toEqual(["2.root.json", "timestamp.json"]);
  });

  it("asks sooner where less age is allowed", async () => {
    await open();
    const repository = await open(NOW + 1000, { maxAgeMs: 1000 });
    expect(source.asked).toEqual(["2.root.json", "timestamp.json"]);
    expect(repository.fetchedAt).toEqual(new Date(NOW + 1000));
  });

  it("asks where the cache was filled by a clock that ran ahead, and is rid of that", async () => {
    await open(NOW + DAY_MS);
    const repository = await open();
    expect(source.asked).toEqual(["2.root.json", "timestamp.json"]);
    expect(repository.fetchedAt).toEqual(new Date(NOW));
    expect(await generations()).toEqual([`generation-1-1-${NOW}.json`]);
  });

  it("begins anew with another root of the same mirror", async () => {
    await open();
    await open(NOW, { firstRoot: Buffer.concat([FIRST_ROOT, Buffer.from("\n")]) });
    expect(source.asked).toHaveLength(4);
  });
});

describe("without the mirror", () => {
  const unreachable = {
    ...memorySource(new Map()),
    get: () => Promise.reject(new WaybillError("NETWORK_FAILED", "no line")),
  };

  it("serves what is kept until it expires, and warns", async () => {
    await read(await open());
    expect(await read(await open(NOW + DAY_MS, { source: unreachable }))).toBe("{}");
    expect(warnings).toEqual(["no line; what it said at 2030-06-01T12:00:00.000Z is used, which still holds"]);
    expect(await codeOf(open(NOW + 3 * DAY_MS, { source: unreachable }))).toBe("NETWORK_FAILED no line");
  });

  it("does not take a mirror that lies for one that is away", async () => {
    await open();
    serve({ expires: { timestamp: inDays(1) }, versions: { timestamp: 2 } });
    source.files.delete("timestamp.json");
    expect(await codeOf(open(NOW + HOUR_MS))).toContain("TRUST_INVALID memory: has no timestamp.json");
  });

  it("works offline from a warm cache, and says what is wrong with a cold or an old one", async () => {
    expect(await codeOf(open(NOW, { offline: true }))).toBe(
      "TRUST_MISSING nothing is kept of memory:, and nobody may be asked",
    );
    await read(await open());
    const repository = await open(NOW + 2 * DAY_MS, { offline: true });
    expect(await read(repository)).toBe("{}");
    expect(await codeOf(open(NOW + 3 * DAY_MS, { offline: true }))).toBe(
      "TRUST_EXPIRED what is kept of memory: does not hold: its timestamp expired at 2030-06-04T12:00:00.000Z",
    );
    expect(source.asked).toEqual([]);
  });

  it("says offline which target was never fetched", async () => {
    await open();
    const repository = await open(NOW, { offline: true });
    expect(await codeOf(read(repository))).toContain("TRUST_MISSING trusted_root.json of memory: is not kept");
  });
});

describe("the cache", () => {
  it("keeps one set, in files that nobody else reads", async () => {
    await read(await open());
    serve({ versions: { timestamp: 2 } });
    await open(NOW + HOUR_MS);
    expect(await generations()).toEqual([`generation-1-2-${NOW + HOUR_MS}.json`]);
    expect(await readdir(await kept())).toHaveLength(2);
  });

  it("never falls back, also where an older answer is written last", async () => {
    await open();
    const older = await readFile(join(await kept(), `generation-1-1-${NOW}.json`));
    serve({ versions: { timestamp: 2, snapshot: 2, targets: 2 }, targets: { "trusted_root.json": "[2]" } });
    await open(NOW + HOUR_MS);
    await writeFile(join(await kept(), `generation-1-1-${NOW + 2 * HOUR_MS}.json`), older);
    expect(await read(await open(NOW + HOUR_MS))).toBe("[2]");
    serve({ versions: { timestamp: 1 } });
    expect(await codeOf(open(NOW + 3 * HOUR_MS))).toContain("timestamp.json of memory: was rolled back");
  });

  it("remembers what has expired, so that nothing older comes back", async () => {
    serve({ versions: { timestamp: 9 } });
    await open();
    serve({ versions: { timestamp: 8 }, expires: { timestamp: inDays(90), snapshot: inDays(90) } });
    expect(await codeOf(open(NOW + 30 * DAY_MS))).toContain("was rolled back: it is version 8, and version 9");
  });

  it.each(["", "{", "{}", '{"roots":[],"timestamp":"e30=","snapshot":"e30=","targets":"e30="}'])(
    "does without a set that was damaged: %j",
    async (text) => {
      await open();
      await writeFile(join(await kept(), `generation-1-1-${NOW}.json`), text);
      expect(await read(await open(NOW + 1))).toBe("{}");
      expect(source.asked).toHaveLength(5);
      expect(await generations()).toEqual([`generation-1-1-${NOW + 1}.json`]);
    },
  );

  it("takes the one before it where the newest is damaged, and nobody may be asked", async () => {
    await read(await open());
    await writeFile(join(await kept(), `generation-1-7-${NOW}.json`), "torn");
    expect(await read(await open(NOW, { offline: true }))).toBe("{}");
  });

  it("does not believe a target that was changed", async () => {
    await read(await open());
    const [target = ""] = (await readdir(await kept())).filter((name) => name.startsWith("target-"));
    await writeFile(join(await kept(), target), "[]");
    expect(await read(await open())).toBe("{}");
    expect(source.asked).toHaveLength(1);
    expect(await readFile(join(await kept(), target), "utf8")).toBe("{}");
  });

  it("removes what killed writers left, once that is an hour old", async () => {
    await open();
    const [old, young] = [join(await kept(), ".writing-old"), join(await kept(), ".writing-young")];
    await writeFile(old, "half");
    await writeFile(young, "half");
    await utimes(old, new Date(NOW - HOUR_MS), new Date(NOW - HOUR_MS));
    await utimes(young, new Date(NOW), new Date(NOW));
    await open(NOW + HOUR_MS - 1, { maxAgeMs: 0 });
    expect((await readdir(await kept())).filter((name) => name.startsWith(".writing-"))).toEqual([".writing-young"]);
  });

  it("is not used where others could write to it", async () => {
    await open();
    await chmod(await kept(), 0o777);
    expect(await read(await open())).toBe("{}");
    expect(source.asked).toHaveLength(5);
    expect(warnings).toEqual([expect.stringMatching(/^trust metadata is not kept in .*: others can write to it$/)]);
  });

  it("is done without where there can be none", async () => {
    const file = join(cacheDirectory, "file");
    await writeFile(file, "");
    expect(await read(await open(NOW, { cacheDirectory: file }))).toBe("{}");
    expect(warnings).toEqual([expect.stringContaining("trust metadata is not kept")]);
  });

  it("is done without where its directory is full of other things", async () => {
    await open();
    await mkdir(join(await kept(), `generation-9-9-${NOW}.json`));
    expect(await read(await open())).toBe("{}");
    expect(warnings).toEqual([expect.stringContaining("the cache of trust metadata fails")]);
  });
});

describe("targets", () => {
  it.each([
    ["other bytes of the same length", "[]", /does not have the sha256 that it must have/],
    ["fewer bytes", "{", /has 1 bytes and must have 2/],
    ["more bytes", "{} ".repeat(1000), /is larger than the 2 bytes that it may have/],
  ])("refuses %s", async (_what, text, message) => {
    const repository = await open();
    for (const path of source.files.keys()) if (path.startsWith("targets/")) source.files.set(path, Buffer.from(text));
    expect(await codeOf(read(repository))).toMatch(message);
  });

  it("refuses a mirror without the file", async () => {
    const repository = await open();
    source.files.clear();
    expect(await codeOf(read(repository))).toContain(
      "TRUST_INVALID memory: has no trusted_root.json, which its metadata names",
    );
  });

  it.each(["../trusted_root.json", "/etc/passwd", "a//b", "a/../b", "a\\b", ".", "", "a\0", "a/.b", "é"])(
    "takes %j for no name (CVE-2026-24137, CVE-2026-24686)",
    async (name) => {
      serve({ targets: { [name]: "{}" } });
      const repository = await open();
      expect(await codeOf(read(repository, name))).toContain("is no name of a target");
    },
  );

  it("does not take what objects inherit for a target", async () => {
    expect(await read(await open(), "constructor")).toBeUndefined();
  });

  it.each([true, false])("finds those in directories, with consistent snapshots: %s", async (consistentSnapshot) => {
    serve({ targets: { "below/a.json": "1" }, consistentSnapshot });
    expect(await read(await open(NOW, { firstRoot: rootOf(source.files) }), "below/a.json")).toBe("1");
  });
});
