import { describe, expect, it } from "vitest";
import { noteKey } from "#app/noteKey.ts";
import type { KeyNote } from "#app/noteKey.ts";
import { keyFingerprint } from "#trust/publicKey.ts";
import { openServiceBench } from "../../test/fakes/serviceBench.ts";
import { createTestSigner } from "../../test/fakes/testSigner.ts";

const [A, B] = [createTestSigner().publicKey, createTestSigner().publicKey];
const NAMES = new Map([
  [`sha256:${keyFingerprint(A)}`, "A"],
  [`sha256:${keyFingerprint(B)}`, "B"],
]);

const setUp = async () => {
  const bench = await openServiceBench();
  const start = bench.ctx.clock.now();
  const note = async (one: KeyNote): Promise<readonly string[]> => {
    bench.advance(1000);
    const keys = await noteKey(bench.deps)(bench.ctx, { by: "service", note: one });
    return keys.map(({ id, state, firstSeenAt, retiredAt }) => {
      const since = retiredAt === undefined ? "" : ` at ${(retiredAt - start) / 1000}`;
      return `${NAMES.get(id) ?? "?"} ${(firstSeenAt - start) / 1000} ${state}${since}`;
    });
  };
  const told = () =>
    bench.read(async (records) => ({
      audit: (await records.audit.list("acme", 0, 99)).map(
        ({ actor, action, object }) => `${actor} ${action} ${NAMES.get(object.slice("keys/".length)) ?? "?"}`,
      ),
      events: (await records.events.list("acme", 0, 99)).map(({ kind, state }) => `${kind} ${state}`),
    }));
  return { note, told };
};

describe("noteKey", () => {
  it("keeps what was replaced, lost and found again, and tells each change once to every tenant", async () => {
    const { note, told } = await setUp();
    expect(await note({ kind: "lost", key: undefined })).toEqual([]);
    expect(await note({ kind: "loaded", key: A })).toEqual(["A 2 current"]);
    expect(await note({ kind: "loaded", key: B })).toEqual(["B 3 current", "A 2 retired at 3"]);
    expect(await note({ kind: "lost", key: B })).toEqual(["B 3 retired at 4", "A 2 retired at 3"]);
    expect(await note({ kind: "loaded", key: B })).toEqual(["B 3 current", "A 2 retired at 3"]);
    expect(await note({ kind: "lost", key: undefined })).toEqual(["B 3 retired at 6", "A 2 retired at 3"]);
    expect(await told()).toEqual({
      audit: [
        "service key.load A",
        "service key.retire A",
        "service key.load B",
        "service key.retire B",
        "service key.load B",
        "service key.retire B",
      ],
      events: ["key current", "key retired", "key current", "key retired", "key current", "key retired"],
    });
  });

  it("notes one key of several processes once", async () => {
    const { note, told } = await setUp();
    const loads = Array.from({ length: 4 }, () => note({ kind: "loaded", key: A }));
    await Promise.all(loads);
    for (let look = 0; look < 3; look++) await note({ kind: "held", key: A });
    expect((await told()).audit).toEqual(["service key.load A"]);
  });

  it("calls both keys current where two processes sign with different ones, and does not go to and fro", async () => {
    const { note, told } = await setUp();
    await note({ kind: "loaded", key: A });
    await note({ kind: "loaded", key: B });
    expect(await note({ kind: "held", key: A })).toEqual(["B 2 current", "A 1 current"]);
    const before = await told();
    for (const key of [B, A, B, A]) await note({ kind: "held", key });
    expect(await told()).toEqual(before);
    expect(await note({ kind: "loaded", key: B })).toEqual(["B 2 current", "A 1 retired at 8"]);
  });

  it("takes keys that papers were verified with for retired ones, unless it knows them", async () => {
    const { note, told } = await setUp();
    await note({ kind: "loaded", key: A });
    expect(await note({ kind: "found", keys: [A, B] })).toEqual(["A 1 current", "B 2 retired at 2"]);
    expect(await note({ kind: "found", keys: [A, B] })).toEqual(["A 1 current", "B 2 retired at 2"]);
    expect((await told()).audit).toEqual(["service key.load A", "service store.rebuild B"]);
    expect(await note({ kind: "held", key: undefined })).toHaveLength(2);
  });
});
