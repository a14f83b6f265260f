import { describe, expect, it } from "vitest";
import type { Clock } from "#core/clock.ts";
import type { Ctx } from "#core/ctx.ts";
import { digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { rawManifest } from "#core/manifest.ts";
import type { RawManifest } from "#core/manifest.ts";
import { mergeTag, settleTags } from "#core/mergeTag.ts";
import type { TagMerge, TagMergeResult } from "#core/content.ts";

/** Time that runs only while everybody waits, so that hours pass in milliseconds and always in the same order. */
const simulate = () => {
  let now = 0;
  let seed = 7;
  const sleepers: { until: number; wake: () => void }[] = [];
  const random = (): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return seed / 0x80000000;
  };
  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => void sleepers.push({ until: now + ms, wake: resolve }));
  const clock: Clock = { now: () => now, sleep, jitter: random };
  const ctx: Ctx = { signal: new AbortController().signal, log: () => {}, emit: () => {}, clock };
  const run = async <T>(work: Promise<T>): Promise<T> => {
    let over = false;
    const end = () => (over = true);
    work.then(end, end);
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (over) return work;
      sleepers.sort((a, b) => a.until - b.until);
      const next = sleepers.shift();
      if (next === undefined) return work;
      now = Math.max(now, next.until);
      next.wake();
    }
  };
  return { ctx, run, sleep, random };
};

type World = ReturnType<typeof simulate>;

interface Slowness {
  readonly read: number;
  readonly write: number;
  readonly upload?: number;
  readonly etags?: boolean;
}

/** A store of one tag: each step takes up to so many milliseconds, and takes effect somewhere in the middle. */
const slowStore = (world: World, slowness: Slowness) => {
  const held: { current: RawManifest | undefined } = { current: undefined };
  const blobs = new Set<Digest>();
  const log: string[] = [];
  const between = async <T>(ms: number, act: () => T): Promise<T> => {
    await world.sleep(world.random() * ms);
    const value = act();
    await world.sleep(world.random() * ms);
    return value;
  };
  const repository: TagMerge["repository"] = {
    readManifest: () =>
      between(slowness.read, () => {
        log.push("read");
        const { current } = held;
        return current === undefined || slowness.etags !== true ? current : { ...current, etag: current.digest };
      }),
    writeManifest: (_ctx, manifest, _tag, condition) =>
      between(slowness.write, () => {
        log.push(condition?.ifMatch === undefined ? "write" : "write if");
        if (condition?.ifMatch !== undefined && condition.ifMatch !== held.current?.digest)
          throw new WaybillError("TAG_CONTENDED", "changed");
        if (slowness.etags === true && condition?.ifAbsent === true && held.current !== undefined)
          throw new WaybillError("TAG_CONTENDED", "is there");
        const needed = digestOf(`config of ${Buffer.from(manifest.bytes).toString()}`);
        if (!blobs.has(needed)) throw new WaybillError("REGISTRY_REFUSED", "a blob is missing");
        held.current = manifest;
      }),
    deleteManifest: async () => false,
    writeBlob: (_ctx, blob) =>
      between(slowness.upload ?? slowness.write, () => {
        log.push("upload");
        blobs.add(blob.digest);
      }),
  };
  return { repository, held, log };
};

const linesOf = (raw: RawManifest | undefined): string[] =>
  raw === undefined ? [] : Buffer.from(raw.bytes).toString().split(" ");

/** Appends a word unless it is there; needs a blob that depends on the whole, as a legacy image's config does. */
const append =
  (word: string) =>
  (current: RawManifest | undefined): TagMergeResult => {
    const words = linesOf(current);
    if (words.includes(word)) return { kind: "unchanged" };
    const text = [...words, word].join(" ");
    const config = Buffer.from(`config of ${text}`);
    const blob = { digest: digestOf(config), size: config.byteLength, bytes: config };
    return { kind: "write", manifest: rawManifest(Buffer.from(text), "text/plain"), blobs: [blob] };
  };

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return "done";
  } catch (error) {
    return error instanceof WaybillError ? error.code : String(error);
  }
};

describe("mergeTag", () => {
  it.each([
    { name: "a quick store", read: 5, write: 10 },
    { name: "a slow store", read: 80, write: 120 },
    { name: "a store with conditions", read: 30, write: 60, etags: true },
  ])("loses nothing of 16 writers on $name", async (slowness) => {
    const world = simulate();
    const store = slowStore(world, slowness);
    const writers = Array.from({ length: 16 }, (_, at) => `w${at}`);
    const write = async (word: string): Promise<void> => {
      await world.sleep(world.random() * 300);
      const { settling } = await mergeTag(world.ctx, { repository: store.repository, tag: "t", merge: append(word) });
      await settleTags(world.ctx, settling === undefined ? [] : [settling], 500);
    };
    await world.run(Promise.all(writers.map(write)));
    expect(linesOf(store.held.current).toSorted()).toEqual(writers.toSorted());
  });

  it("without settling, the same writers do lose: the settling is what the test above proves", async () => {
    const world = simulate();
    const store = slowStore(world, { read: 80, write: 120 });
    const writers = Array.from({ length: 16 }, (_, at) => `w${at}`);
    const write = (word: string) =>
      mergeTag(world.ctx, { repository: store.repository, tag: "t", merge: append(word) });
    await world.run(Promise.all(writers.map(write)));
    expect(linesOf(store.held.current).length).toBeLessThan(16);
  });

  it("needs no settling where conditions are honoured, not even for the first write", async () => {
    const world = simulate();
    const store = slowStore(world, { read: 80, write: 1200, etags: true });
    const writers = Array.from({ length: 16 }, (_, at) => `w${at}`);
    const write = (word: string) =>
      mergeTag(world.ctx, { repository: store.repository, tag: "t", merge: append(word) });
    await world.run(Promise.all(writers.map(write)));
    expect(linesOf(store.held.current).toSorted()).toEqual(writers.toSorted());
  });

  it("reads again when the upload took longer than 250 ms, and then writes at once", async () => {
    const world = simulate();
    const store = slowStore(world, { read: 1, write: 1, upload: 2000 });
    await world.run(mergeTag(world.ctx, { repository: store.repository, tag: "t", merge: append("a") }));
    expect(store.log).toEqual(["read", "upload", "read", "write", "read"]);
  });

  it.each(["BLOB_UNKNOWN", "REGISTRY_UNAVAILABLE", "NETWORK_TIMEOUT"] as const)(
    "reads again after %s, which may pass or may even have been written, and settles",
    async (code) => {
      for (const reached of [false, true]) {
        const world = simulate();
        const store = slowStore(world, { read: 1, write: 1 });
        let failures = 2;
        const repository: TagMerge["repository"] = {
          ...store.repository,
          writeManifest: async (...call) => {
            expect(call[3]).toMatchObject({ once: true });
            if (failures === 0 || reached) await store.repository.writeManifest(...call);
            if (failures-- > 0) throw new WaybillError(code, "for a while");
          },
        };
        const merged = await world.run(mergeTag(world.ctx, { repository, tag: "t", merge: append("a") }));
        expect([linesOf(store.held.current), merged.settling?.tag]).toEqual([["a"], "t"]);
      }
    },
  );

  it("gives up with the error that does not pass", async () => {
    const world = simulate();
    const { repository } = slowStore(world, { read: 1, write: 1 });
    let writes = 0;
    const failing = {
      ...repository,
      writeManifest: async () => {
        writes++;
        throw new WaybillError("BLOB_UNKNOWN", "for ever");
      },
    };
    const tag = { repository: failing, tag: "t", merge: append("a") };
    expect(await world.run(codeOf(mergeTag(world.ctx, tag)))).toBe("BLOB_UNKNOWN");
    expect(writes).toBe(6);
  });

  it("writes nothing when it is there already, and leaves nothing to settle", async () => {
    const world = simulate();
    const store = slowStore(world, { read: 1, write: 1 });
    const tag = { repository: store.repository, tag: "t", merge: append("a") };
    const first = await world.run(mergeTag(world.ctx, tag));
    expect(first).toMatchObject({ digest: digestOf("a"), settling: { tag: "t" } });
    store.log.length = 0;
    expect(await world.run(mergeTag(world.ctx, tag))).toEqual({ digest: digestOf("a"), settling: undefined });
    expect(store.log).toEqual(["read"]);
  });

  it("sends If-Match, and does without it where it is refused though nobody wrote", async () => {
    const world = simulate();
    const store = slowStore(world, { read: 1, write: 1, etags: true });
    await world.run(mergeTag(world.ctx, { repository: store.repository, tag: "t", merge: append("a") }));
    const writeManifest: TagMerge["repository"]["writeManifest"] = async (ctx, manifest, tag, condition) => {
      store.log.push(condition?.ifMatch === undefined ? "tried" : "tried if");
      if (condition?.ifMatch !== undefined) throw new WaybillError("TAG_CONTENDED", "I take no conditions");
      await store.repository.writeManifest(ctx, manifest, tag, condition);
    };
    store.log.length = 0;
    const repository = { ...store.repository, writeManifest };
    await world.run(mergeTag(world.ctx, { repository, tag: "t", merge: append("b") }));
    expect(store.log.filter((step) => step.startsWith("tried"))).toEqual(["tried if", "tried"]);
    expect(linesOf(store.held.current)).toEqual(["a", "b"]);
  });

  it("gives up as TAG_CONTENDED when another one always undoes it", async () => {
    const world = simulate();
    const store = slowStore(world, { read: 1, write: 1 });
    const writeManifest = async (): Promise<void> => void (store.held.current = undefined);
    const repository = { ...store.repository, writeManifest };
    expect(await codeOf(world.run(mergeTag(world.ctx, { repository, tag: "t", merge: append("a") })))).toBe(
      "TAG_CONTENDED",
    );
  });

  it("lets a refusal through as it is", async () => {
    const world = simulate();
    const store = slowStore(world, { read: 1, write: 1 });
    const writeManifest = async (): Promise<void> => {
      throw new WaybillError("TAG_IMMUTABLE", "no");
    };
    const repository = { ...store.repository, writeManifest };
    expect(await codeOf(world.run(mergeTag(world.ctx, { repository, tag: "t", merge: append("a") })))).toBe(
      "TAG_IMMUTABLE",
    );
  });
});

describe("settleTags", () => {
  it("waits once for a whole batch", async () => {
    const world = simulate();
    const tags = Array.from({ length: 20 }, () => {
      const store = slowStore(world, { read: 1, write: 1 });
      return { repository: store.repository, tag: "t", merge: append("a") };
    });
    const merged = await world.run(Promise.all(tags.map((tag) => mergeTag(world.ctx, tag))));
    const before = world.ctx.clock.now();
    await world.run(
      settleTags(
        world.ctx,
        merged.flatMap(({ settling }) => settling ?? []),
        500,
      ),
    );
    expect(world.ctx.clock.now() - before).toBeGreaterThanOrEqual(500);
    expect(world.ctx.clock.now() - before).toBeLessThan(600);
  });

  it("waits four times the window that was seen where that is longer", async () => {
    const world = simulate();
    const store = slowStore(world, { read: 1, write: 1 });
    await world.run(settleTags(world.ctx, [{ ...store, tag: "t", merge: append("a"), windowMs: 400 }], 500));
    expect(world.ctx.clock.now()).toBeGreaterThanOrEqual(1600);
    expect(linesOf(store.held.current)).toEqual(["a"]);
  });

  it("settles the other tags when one fails, and tells which", async () => {
    const world = simulate();
    const good = slowStore(world, { read: 1, write: 1 });
    const readManifest = async (): Promise<undefined> => {
      throw new WaybillError("AUTH_DENIED", "no");
    };
    const bad = { ...good.repository, readManifest };
    const tags = [bad, good.repository].map((repository) => ({ repository, tag: "t", merge: append("a") }));
    const unsettled = await world.run(settleTags(world.ctx, tags, 500));
    expect(unsettled.map(({ repository, error }) => [repository === bad, error.code])).toEqual([[true, "AUTH_DENIED"]]);
    expect(linesOf(good.held.current)).toEqual(["a"]);
  });

  it("does nothing for no tags or no time", async () => {
    const world = simulate();
    const store = slowStore(world, { read: 1, write: 1 });
    await settleTags(world.ctx, [], 500);
    await settleTags(world.ctx, [{ ...store, tag: "t", merge: append("a") }], 0);
    expect(world.ctx.clock.now()).toBe(0);
    expect(store.log).toEqual([]);
  });
});
