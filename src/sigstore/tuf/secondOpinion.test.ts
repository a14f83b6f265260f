import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hasCode } from "#core/errors.ts";
import { refreshTuf } from "#sigstore/tuf/refreshTuf.ts";
import { fetchTufTarget, findTufTarget } from "#sigstore/tuf/tufTarget.ts";
import { manualClock } from "../../../test/fakes/manualClock.ts";
import { testCtx } from "../../../test/fakes/testCtx.ts";
import { KEYS, NOW, memorySource, newKey, rootPlan, tufFiles } from "../../../test/fakes/tufBench.ts";
import { readWithTufJs } from "../../../test/fakes/tufPeer.ts";

const next = newKey("p256");
const FILES = tufFiles({
  roots: [rootPlan(), rootPlan({ root: { keys: [KEYS.roots[0], KEYS.roots[1], next], threshold: 2 } })],
});
const PATHS = [...FILES.keys()];

const readWithOurs = async (files: Map<string, Uint8Array>): Promise<string | undefined> => {
  const ctx = testCtx({ clock: manualClock(NOW) });
  const source = memorySource(files);
  const set = await refreshTuf(ctx, source, files.get("1.root.json") ?? Buffer.alloc(0), undefined);
  const target = findTufTarget(set, "trusted_root.json");
  if (target === undefined) return undefined;
  return Buffer.from(await fetchTufTarget(ctx, source, target, set.root.consistentSnapshot)).toString();
};

/** What a mirror may do to a file: flip, cut, add, give another in its place, or not have it. */
const changes = fc.oneof(
  fc.record({ kind: fc.constant("flip" as const), at: fc.nat(), by: fc.integer({ min: 1, max: 255 }) }),
  fc.record({ kind: fc.constant("cut" as const), at: fc.nat() }),
  fc.record({ kind: fc.constant("digit" as const), at: fc.nat() }),
  fc.record({ kind: fc.constant("swap" as const), with: fc.constantFrom(...PATHS) }),
  fc.record({ kind: fc.constant("remove" as const) }),
  fc.record({ kind: fc.constant("space" as const) }),
);

const change = (
  path: string,
  how: typeof changes extends fc.Arbitrary<infer T> ? T : never,
): Map<string, Uint8Array> => {
  const files = new Map(FILES);
  const bytes = Buffer.from(FILES.get(path) ?? []);
  if (how.kind === "remove") files.delete(path);
  else if (how.kind === "swap") files.set(path, FILES.get(how.with) ?? Buffer.alloc(0));
  else if (how.kind === "cut") files.set(path, bytes.subarray(0, how.at % bytes.length));
  else if (how.kind === "space") files.set(path, Buffer.concat([bytes, Buffer.from(" ")]));
  else if (how.kind === "flip") bytes[how.at % bytes.length]! ^= how.by;
  else bytes[how.at % bytes.length] = 0x30 + (how.at % 10);
  if (how.kind === "flip" || how.kind === "digit") files.set(path, bytes);
  return files;
};

describe("a second opinion", () => {
  it("is the same where nothing was changed", async () => {
    expect(await readWithOurs(FILES)).toBe(await readWithTufJs(FILES, "trusted_root.json"));
  });

  it("never refuses what is believed here, whatever a mirror changes; and what is refused has a code", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...PATHS), changes, async (path, how) => {
        const files = change(path, how);
        const ours = await readWithOurs(files).then(believed, refused);
        const theirs = ours === REFUSED ? REFUSED : await readWithTufJs(files, "trusted_root.json");
        expect(theirs).toBe(ours);
      }),
      { numRuns: 200 },
    );
  });
});

const REFUSED = "refused";
const believed = (text: string | undefined): string | undefined => text;
const refused = (thrown: unknown): string => {
  if (hasCode(thrown, "TRUST_INVALID", "TRUST_EXPIRED")) return REFUSED;
  throw thrown;
};
