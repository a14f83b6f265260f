import { describe, expect, it } from "vitest";
import { WaybillError } from "#core/errors.ts";
import { canonicalJson } from "#core/canonicalJson.ts";
import type { JsonObject } from "#core/strictJson.ts";
import type { TufKey } from "#devsigstore/tufKey.ts";
import { refreshTuf } from "#sigstore/tuf/refreshTuf.ts";
import { findExpired } from "#sigstore/tuf/tufSet.ts";
import type { TufSet } from "#sigstore/tuf/tufSet.ts";
import { findTufTarget } from "#sigstore/tuf/tufTarget.ts";
import { manualClock } from "../../../test/fakes/manualClock.ts";
import { testCtx } from "../../../test/fakes/testCtx.ts";
import { DAY_MS, KEYS, NOW, inDays, memorySource, newKey, rootPlan, tufFiles } from "../../../test/fakes/tufBench.ts";

const refresh = (files: Map<string, Uint8Array>, known?: TufSet, first = "1.root.json", now = NOW): Promise<TufSet> => {
  const ctx = testCtx({ clock: manualClock(now) });
  return refreshTuf(ctx, memorySource(files), files.get(first) ?? Buffer.alloc(0), known);
};

/** The documents of a repository, changed: `change` gets what was signed, and the result is signed by `keys` again. */
const resign = (
  files: Map<string, Uint8Array>,
  path: string,
  keys: readonly TufKey[],
  change: (signed: JsonObject) => JsonObject = (signed) => signed,
): Map<string, Uint8Array> => {
  const { signed } = JSON.parse(Buffer.from(files.get(path) ?? []).toString()) as { signed: JsonObject };
  const next = change(signed);
  const signatures = keys.map((key) => ({
    keyid: key.id,
    sig: Buffer.from(key.sign(canonicalJson(next))).toString("hex"),
  }));
  return new Map(files).set(path, Buffer.from(JSON.stringify({ signed: next, signatures })));
};

const refusal = async (attempt: Promise<unknown>): Promise<string> => {
  const error = await attempt.then(
    () => expect.fail("it was believed"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof WaybillError)) throw error;
  expect(error.exitCode).toBe(8);
  return `${error.code} ${error.message}`;
};

const versionsOf = ({ root, timestamp, snapshot, targets }: TufSet): readonly number[] =>
  [root, timestamp, snapshot, targets].map(({ version }) => version);

describe("refreshTuf", () => {
  it("believes what is signed from the first root on, with four requests", async () => {
    const files = tufFiles();
    const source = memorySource(files);
    const set = await refreshTuf(
      testCtx({ clock: manualClock(NOW) }),
      source,
      files.get("1.root.json") ?? Buffer.alloc(0),
      undefined,
    );
    expect(versionsOf(set)).toEqual([1, 1, 1, 1]);
    expect(source.asked).toEqual(["2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json"]);
  });

  it("asks for no more than the next root and the timestamp where nothing is new", async () => {
    const files = tufFiles();
    const known = await refresh(files);
    const source = memorySource(files);
    const ctx = testCtx({ clock: manualClock(NOW) });
    const set = await refreshTuf(ctx, source, files.get("1.root.json") ?? Buffer.alloc(0), known);
    expect(source.asked).toEqual(["2.root.json", "timestamp.json"]);
    expect(set.timestamp).toBe(known.timestamp);
  });

  it("follows roots over three versions, each signed by the one before, also past one that has expired", async () => {
    const [next, other] = [newKey("p256"), newKey()];
    const second = rootPlan({ root: { keys: [KEYS.roots[1], KEYS.roots[2], next], threshold: 2 } }, -5);
    const third = rootPlan({ root: { keys: [next, KEYS.roots[2], other], threshold: 2 } });
    const set = await refresh(tufFiles({ roots: [rootPlan({}, -100), second, third] }));
    expect(versionsOf(set)).toEqual([3, 1, 1, 1]);
    expect(set.roots.map(({ version }) => version)).toEqual([2, 3]);
  });

  it("reads repositories without consistent snapshots", async () => {
    expect(versionsOf(await refresh(tufFiles({ consistentSnapshot: false })))).toEqual([1, 1, 1, 1]);
  });

  it("begins anew where a new root replaces who signs timestamps, so that nobody who ran ahead stops it", async () => {
    const ahead = await refresh(tufFiles({ versions: { timestamp: 9_999_999, snapshot: 9_999_999 } }));
    const replaced = rootPlan({ timestamp: { keys: [newKey()] }, snapshot: { keys: [newKey()] } });
    const set = await refresh(tufFiles({ roots: [rootPlan(), replaced], versions: { timestamp: 3 } }), ahead);
    expect(versionsOf(set)).toEqual([2, 3, 1, 1]);
  });
});

describe("rollback (CVE-2022-29173)", () => {
  const newer = () => refresh(tufFiles({ versions: { timestamp: 5, snapshot: 5, targets: 5 } }));

  it("of the timestamp", async () => {
    const attempt = refresh(tufFiles({ versions: { timestamp: 4, snapshot: 5, targets: 5 } }), await newer());
    expect(await refusal(attempt)).toContain(
      "TRUST_INVALID timestamp.json of memory: was rolled back: it is version 4",
    );
  });

  it("of the snapshot that the timestamp names", async () => {
    const attempt = refresh(tufFiles({ versions: { timestamp: 6, snapshot: 4, targets: 5 } }), await newer());
    expect(await refusal(attempt)).toContain("snapshot.json was rolled back: it is version 4, and version 5");
  });

  it("of the targets that the snapshot names", async () => {
    const attempt = refresh(tufFiles({ versions: { timestamp: 6, snapshot: 6, targets: 4 } }), await newer());
    expect(await refusal(attempt)).toContain('"targets.json" was rolled back: it is version 4, and version 5');
  });

  it("of the targets, by leaving them out", async () => {
    const files = tufFiles({ versions: { timestamp: 6, snapshot: 6, targets: 5 } });
    const known = await newer();
    const other = {
      ...known,
      snapshot: { ...known.snapshot, meta: new Map([...known.snapshot.meta, ["x.json", known.snapshot.targets]]) },
    };
    expect(await refusal(refresh(files, other))).toContain('lacks "x.json", which was there before');
  });

  it("of the root, by giving an older one as the next", async () => {
    const files = tufFiles({ roots: [rootPlan(), rootPlan(), rootPlan()] });
    files.set("3.root.json", files.get("1.root.json") ?? Buffer.alloc(0));
    expect(await refusal(refresh(files))).toContain("3.root.json of memory: is version 1 and must be version 3");
  });

  it("of the root, by skipping one", async () => {
    const files = tufFiles({ roots: [rootPlan(), rootPlan(), rootPlan()] });
    files.set("2.root.json", files.get("3.root.json") ?? Buffer.alloc(0));
    expect(await refusal(refresh(files))).toContain("2.root.json of memory: is version 3 and must be version 2");
  });

  it("of a known root: it is not even asked for again", async () => {
    const known = await refresh(tufFiles({ roots: [rootPlan(), rootPlan()] }));
    expect(versionsOf(await refresh(tufFiles(), known))[0]).toBe(2);
  });
});

describe("freeze", () => {
  it.each([
    ["timestamp", "timestamp.json of memory: expired at 2030-05-31T12:00:00.000Z"],
    ["snapshot", "1.snapshot.json of memory: expired at"],
    ["targets", "1.targets.json of memory: expired at"],
  ] as const)("by an expired %s", async (role, message) => {
    expect(await refusal(refresh(tufFiles({ expires: { [role]: inDays(-1) } })))).toContain(`TRUST_EXPIRED ${message}`);
  });

  it("by an expired last root", async () => {
    expect(await refusal(refresh(tufFiles({ roots: [rootPlan(), rootPlan({}, -1)] })))).toContain(
      "TRUST_EXPIRED 2.root.json of memory: expired at",
    );
  });

  it("by giving out the same timestamp after it expired", async () => {
    const files = tufFiles();
    const attempt = refresh(files, await refresh(files), "1.root.json", NOW + 4 * DAY_MS);
    expect(await refusal(attempt)).toContain("TRUST_EXPIRED timestamp.json");
  });

  it("is told apart from what still holds to the millisecond", async () => {
    const set = await refresh(tufFiles());
    const end = set.timestamp.expires.getTime();
    expect(findExpired(set, end - 1)).toBeUndefined();
    expect(findExpired(set, end)).toEqual({ role: "timestamp", since: set.timestamp.expires });
  });
});

describe("mix and match", () => {
  it("of a snapshot of another day", async () => {
    const files = tufFiles();
    files.set(
      "1.snapshot.json",
      tufFiles({ expires: { snapshot: inDays(19) } }).get("1.snapshot.json") ?? Buffer.alloc(0),
    );
    expect(await refusal(refresh(files))).toMatch(
      /1\.snapshot\.json of memory: (does not have the sha256|has \d+ bytes|is larger than)/,
    );
  });

  it("of targets of another day", async () => {
    const files = tufFiles();
    files.set(
      "1.targets.json",
      tufFiles({ expires: { targets: inDays(19) } }).get("1.targets.json") ?? Buffer.alloc(0),
    );
    expect(await refusal(refresh(files))).toMatch(
      /1\.targets\.json of memory: (does not have the sha256|has \d+ bytes|is larger than)/,
    );
  });

  it("of another version where hashes are left out", async () => {
    const files = tufFiles({ versions: { snapshot: 1 } });
    const changed = resign(files, "timestamp.json", [KEYS.online], (signed) => ({
      ...signed,
      meta: { "snapshot.json": { version: 2 } },
    })).set("2.snapshot.json", files.get("1.snapshot.json") ?? Buffer.alloc(0));
    expect(await refusal(refresh(changed))).toContain("2.snapshot.json of memory: is version 1 and must be version 2");
  });

  it("of one role's metadata for another's", async () => {
    const files = tufFiles();
    files.set("timestamp.json", files.get("1.snapshot.json") ?? Buffer.alloc(0));
    expect(await refusal(refresh(files))).toContain("is no metadata of the role timestamp");
  });
});

describe("signatures", () => {
  const [first, second] = KEYS.roots;
  const stranger = newKey();

  it.each([
    ["nobody", []],
    ["a stranger", [stranger]],
    ["a key of another role", [first]],
  ])("refuses a timestamp signed by %s", async (_who, keys) => {
    const files = resign(tufFiles(), "timestamp.json", keys);
    expect(await refusal(refresh(files))).toContain(
      "is signed by 0 of the keys that root version 1 names for timestamp, and needs 1",
    );
  });

  it("refuses a threshold that is not met", async () => {
    const files = resign(tufFiles({ roots: [rootPlan(), rootPlan()] }), "2.root.json", [first]);
    expect(await refusal(refresh(files))).toContain("2.root.json of memory: is signed by 1 of the keys");
  });

  it("refuses a new root that only its own keys sign, and one that only the old ones do", async () => {
    const own = [newKey(), newKey()];
    const files = tufFiles({ roots: [rootPlan(), rootPlan({ root: { keys: own, threshold: 2 } })] });
    expect(await refusal(refresh(resign(files, "2.root.json", own)))).toContain(
      "root version 1 names for root, and needs 2",
    );
    expect(await refusal(refresh(resign(files, "2.root.json", [first, second])))).toContain(
      "root version 2 names for root",
    );
  });

  it("counts two signatures of one key once, under two names as well (GHSA-3633)", async () => {
    const twice = resign(tufFiles({ roots: [rootPlan(), rootPlan()] }), "2.root.json", [first, first]);
    expect(await refusal(refresh(twice))).toContain("has two signatures of one key");
    const renamed = { ...first, id: "f".repeat(64) };
    const alias = rootPlan({ root: { keys: [first, renamed, second], threshold: 2 } });
    const files = tufFiles({ roots: [alias, alias] });
    expect(await refusal(refresh(resign(files, "2.root.json", [first, renamed])))).toContain(
      "is signed by 1 of the keys",
    );
    expect(versionsOf(await refresh(resign(files, "2.root.json", [first, second])))[0]).toBe(2);
  });

  it.each([0, -1, 3, "1", null])("refuses a root with the threshold %j (CVE-2026-23992)", async (threshold) => {
    const files = resign(tufFiles(), "1.root.json", [first, second], (signed) => ({
      ...signed,
      roles: { ...(signed["roles"] as JsonObject), timestamp: { keyids: [KEYS.online.id, "x"], threshold } },
    }));
    expect(await refusal(refresh(files))).toContain("TRUST_INVALID the first root of memory:");
  });

  it("refuses a role that names a key twice", async () => {
    const files = resign(tufFiles(), "1.root.json", [first, second], (signed) => ({
      ...signed,
      roles: {
        ...(signed["roles"] as JsonObject),
        timestamp: { keyids: [KEYS.online.id, KEYS.online.id], threshold: 2 },
      },
    }));
    expect(await refusal(refresh(files))).toContain("names for the role timestamp a key twice");
  });

  it("takes a signature that is empty, as signing services leave it, for none", async () => {
    const files = tufFiles();
    const document = JSON.parse(Buffer.from(files.get("timestamp.json") ?? []).toString()) as { signatures: object[] };
    document.signatures.push({ keyid: stranger.id, sig: "" });
    files.set("timestamp.json", Buffer.from(JSON.stringify(document)));
    expect(versionsOf(await refresh(files))).toEqual([1, 1, 1, 1]);
  });

  it("refuses a first root that does not sign itself", async () => {
    expect(await refusal(refresh(resign(tufFiles(), "1.root.json", [stranger])))).toContain(
      "the first root of memory: is signed by 0",
    );
  });
});

describe("what is no repository", () => {
  it.each([
    ["an empty mirror", new Map<string, Uint8Array>(), "has no timestamp.json, and so is no whole TUF repository"],
    ["a page", new Map([["timestamp.json", Buffer.from("<html>")]]), "timestamp.json of memory: cannot be read"],
    ["other JSON", new Map([["timestamp.json", Buffer.from("{}")]]), "timestamp.json of memory: is no metadata of TUF"],
    [
      "too much",
      new Map([["timestamp.json", Buffer.alloc(20_000, " ")]]),
      "timestamp.json of memory: is larger than the 16384 bytes",
    ],
  ])("refuses %s", async (_what, files, message) => {
    const first = tufFiles().get("1.root.json") ?? Buffer.alloc(0);
    expect(await refusal(refresh(new Map([...files, ["1.root.json", first]])))).toContain(message);
  });

  it("refuses a mirror that goes on with roots without end (CVE-2026-23991)", async () => {
    const files = tufFiles({ roots: Array.from({ length: 130 }, () => rootPlan()) });
    expect(await refusal(refresh(files))).toContain("has more than 128 new roots");
  });

  it.each([
    ["version", { version: 0 }, "names a version that is no whole number from 1"],
    ["expiry", { expires: "tomorrow" }, "does not say when it expires"],
    ["day that is none", { expires: "2031-13-01T00:00:00Z" }, "does not say when it expires"],
    ["specification", { spec_version: "2.0.0" }, "is of a version of TUF that is not known here"],
    ["metadata", { meta: [] }, "names no metadata"],
    ["snapshot", { meta: {} }, "does not name snapshot.json"],
    [
      "hash that is a path",
      { meta: { "snapshot.json": { version: 1, hashes: { sha256: "../../x" } } } },
      "has a sha256 that is none",
    ],
    ["length", { meta: { "snapshot.json": { version: 1, length: -1 } } }, "has a length that is none"],
  ])("refuses a timestamp with another %s", async (_what, change, message) => {
    const files = resign(tufFiles(), "timestamp.json", [KEYS.online], (signed) => ({ ...signed, ...change }));
    expect(await refusal(refresh(files))).toContain(message);
  });
});

describe("delegations (CVE-2024-47534)", () => {
  it("are not asked, so that nobody but the targets role says whom to trust", async () => {
    const [first, second] = KEYS.roots;
    const role = { name: "other", keyids: [first.id], threshold: 1, paths: ["*"], terminating: false };
    const meta = { meta: { "targets.json": { version: 1 }, "other.json": { version: 1 } } };
    let files = resign(tufFiles({ targets: {} }), "1.targets.json", [first, second], (signed) => ({
      ...signed,
      delegations: { keys: { [first.id]: first.metadata }, roles: [role] },
    }));
    files = resign(files, "1.snapshot.json", [KEYS.online], (signed) => ({ ...signed, ...meta }));
    files = resign(files, "timestamp.json", [KEYS.online], (signed) => ({
      ...signed,
      meta: { "snapshot.json": { version: 1 } },
    }));
    files.set("1.other.json", tufFiles().get("1.targets.json") ?? Buffer.alloc(0));
    const set = await refresh(files);
    expect(findTufTarget(set, "trusted_root.json")).toBeUndefined();
  });
});
