import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { WaybillError } from "#core/errors.ts";
import type { Cataloger } from "#sbom/cataloger.ts";
import type { Package } from "#sbom/package.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";
import { codeOfPromise } from "../../test/fakes/codeOfPromise.ts";
import { probe, scan, scanInput } from "../../test/fakes/scanBench.ts";

const file = (name: string, body = name) => ({ name, body });

const found = (id: string, foundBy: string, ...paths: readonly string[]): Package => ({
  id,
  type: "npm",
  name: id,
  version: "1",
  purl: id,
  licenses: [],
  occurrences: paths.map((path) => ({ path, layer: 0 })),
  introducedIn: 0,
  foundBy,
});

/** A byte stream that never ends by itself. */
async function* endless(): AsyncGenerator<Uint8Array> {
  yield gzipSync(Buffer.alloc(1 << 20));
  await new Promise((resolve) => setTimeout(resolve, 5));
  yield* endless();
}

describe("scanImage: reading layers", () => {
  it("describes the layers, with the commands that made them where the history fits", async () => {
    const input = scanInput([[file("a")], [file("b")]]);
    const step = (createdBy: string, emptyLayer = false) => ({ createdBy, emptyLayer });
    const history = [step("FROM"), step("ENV", true), step("COPY")];
    const { layers } = await scan({ ...input, history }, {});
    expect(layers.map(({ index, createdBy, diffId }) => [index, createdBy, diffId])).toEqual([
      [0, "FROM", input.diffIds[0]],
      [1, "COPY", input.diffIds[1]],
    ]);
    const unfit = await scan({ ...input, history: history.slice(1) }, {});
    expect(unfit.layers.map(({ createdBy }) => createdBy)).toEqual([undefined, undefined]);
  });

  it("refuses another number of layers than the config names", async () => {
    const input = scanInput([[file("a")], [file("b")]]);
    expect(await codeOfPromise(scan({ ...input, diffIds: input.diffIds.slice(1) }, {}))).toBe("IMAGE_REFUSED");
  });

  it("refuses a layer whose content has another diffID", async () => {
    const input = scanInput([[file("a")], [file("b")]]);
    expect(await codeOfPromise(scan({ ...input, diffIds: input.diffIds.toReversed() }, {}))).toBe("DIGEST_MISMATCH");
  });

  it("tells a damaged blob from a hostile archive, wherever the damage shows first", async () => {
    const { layers, ...rest } = scanInput([[file("a", "x".repeat(5000))]]);
    const failing = (code: "DIGEST_MISMATCH" | "SIZE_LONG") =>
      layers.map((layer) => ({
        ...layer,
        open: async function* () {
          yield Buffer.from("no tar archive at all, and no gzip either".repeat(100));
          await new Promise((resolve) => setTimeout(resolve, 5));
          throw new WaybillError(code, "the blob is not what it should be");
        },
      }));
    expect(await codeOfPromise(scan({ layers: failing("DIGEST_MISMATCH"), ...rest }, {}))).toBe("DIGEST_MISMATCH");
    expect(await codeOfPromise(scan({ layers: failing("SIZE_LONG"), ...rest }, {}))).toBe("SIZE_LONG");
    const honest = layers.map((layer) => ({
      ...layer,
      open: async function* () {
        yield Buffer.from("no tar archive at all, and no gzip either".repeat(100));
      },
    }));
    expect(await codeOfPromise(scan({ layers: honest, ...rest }, {}))).toBe("IMAGE_REFUSED");
  });

  it("throws the first failure and stops the other layers", async () => {
    const { layers, ...rest } = scanInput([[file("a")], [file("b")]]);
    let ended = false;
    const open = async function* (): AsyncGenerator<Uint8Array> {
      try {
        yield* endless();
      } finally {
        ended = true;
      }
    };
    const [first, second] = layers;
    if (first === undefined || second === undefined) throw new TypeError("two layers");
    const gone = {
      ...second,
      open: async function* (): AsyncGenerator<Uint8Array> {
        await new Promise((resolve) => setTimeout(resolve, 20));
        yield Buffer.alloc(0);
        throw new WaybillError("NOT_FOUND", "no such blob");
      },
    };
    expect(await codeOfPromise(scan({ ...rest, layers: [{ ...first, open }, gone] }, {}))).toBe("NOT_FOUND");
    await expect.poll(() => ended).toBe(true);
  });

  it("states a foreign layer that is not there, and refuses any other that is not", async () => {
    const { layers, ...rest } = scanInput([[file("a")], [file("1p")]]);
    const missing = (urls: readonly string[]) =>
      layers.map((layer, index) => ({
        ...layer,
        descriptor: { ...layer.descriptor, urls },
        open: async function* () {
          if (index === 0) throw new WaybillError("NOT_FOUND", "no such blob");
          yield* layer.open(testCtx());
        },
      }));
    const seeing = probe("probe", /p$/);
    const done = await scan({ layers: missing(["https://a.test/x"]), ...rest }, { catalogers: [seeing.cataloger] });
    expect(done.unknowns).toEqual([{ path: "", layer: 0, reason: expect.stringContaining("foreign layer") }]);
    expect(done.completeness).toEqual({ probe: "incomplete" });
    expect(seeing.view().captured("probe")).toHaveLength(1);
    expect(await codeOfPromise(scan({ layers: missing([]), ...rest }, {}))).toBe("NOT_FOUND");
  });

  it("refuses an encrypted layer", async () => {
    const { layers, ...rest } = scanInput([[file("a")]]);
    const encrypted = layers.map((layer) => ({
      ...layer,
      descriptor: { ...layer.descriptor, mediaType: `${layer.descriptor.mediaType}+encrypted` },
    }));
    expect(await codeOfPromise(scan({ layers: encrypted, ...rest }, {}))).toBe("IMAGE_REFUSED");
  });

  it("stops at the limits of the whole image", async () => {
    const layers = [[file("1p", "x".repeat(600))], [file("2p", "y".repeat(600))]];
    const { cataloger } = probe("probe", /p$/);
    const code = (limits: Parameters<typeof scanInput>[1]) =>
      codeOfPromise(scan(scanInput(layers, limits), { catalogers: [cataloger] }));
    expect(await code({})).toBeUndefined();
    expect(await code({ maxLayers: 1 })).toBe("LIMIT_EXCEEDED");
    expect(await code({ maxBytes: 4000 })).toBe("LIMIT_EXCEEDED");
    expect(await code({ maxEntries: 1 })).toBe("LIMIT_EXCEEDED");
    expect(await code({ maxNames: 3 })).toBe("LIMIT_EXCEEDED");
    expect(await code({ maxCaptured: 1199 })).toBe("LIMIT_EXCEEDED");
    expect(await code({ maxCaptured: 1200 })).toBeUndefined();
  });
});

describe("scanImage: what catalogers see", () => {
  it("shows each its own version of a file, all layers' versions, and what other catalogers kept", async () => {
    const upper: Cataloger = {
      name: "upper",
      wants: (entry) =>
        entry.path.endsWith("p") ? { write: () => true, end: () => Buffer.from(`upper of ${entry.size}`) } : undefined,
      catalog: (view) => {
        seen.push(Buffer.from(view.file("1p")?.bytes ?? []).toString());
        return { packages: [], edges: [], unknowns: [], completeness: "unknown" };
      },
    };
    const seen: string[] = [];
    const plain = probe("plain", /^(?:1p|q)$/);
    const layers = [[file("1p", "old"), file("d/q", "")], [file("q", "q")], [file("1p", "newer")], [file(".wh.q", "")]];
    await scan(scanInput(layers), { catalogers: [upper, plain.cataloger] });
    const view = plain.view();
    const text = (path: string) => view.history(path).map((one) => `${one.layer} ${Buffer.from(one.bytes).toString()}`);
    expect(seen).toEqual(["upper of 5"]);
    expect(Buffer.from(view.file("./1p")?.bytes ?? []).toString()).toBe("newer");
    expect(text("1p")).toEqual(["0 old", "2 newer"]);
    expect(text("q")).toEqual(["1 q"]);
    expect(view.file("q")).toBeUndefined();
    expect(view.captured("upper").map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(["upper of 5"]);
    expect([view.realPath(""), view.realPath("d/../1p"), view.realPath("x")]).toEqual(["", "1p", undefined]);
  });

  it("gives catalogers the distribution that was found", async () => {
    const seeing = probe("probe", /p$/);
    const distro = { id: "debian", versionId: "12", prettyName: undefined, idLike: [] };
    const readDistro = (view: { readonly file: (path: string) => unknown }) =>
      view.file("1p") === undefined ? undefined : distro;
    const done = await scan(scanInput([[file("1p")]]), { catalogers: [seeing.cataloger], readDistro });
    expect([done.distro, seeing.view().distro]).toEqual([distro, distro]);
  });

  it("states what a reducer refused, where it is visible, and goes on", async () => {
    const seeing = probe("probe", /p$/);
    const layers = [[file("1p", "x".repeat(1001)), file("2p", "y".repeat(1001)), file("3p")], [file(".wh.2p", "")]];
    const done = await scan(scanInput(layers), { catalogers: [seeing.cataloger] });
    expect(
      seeing
        .view()
        .captured("probe")
        .map(({ path }) => path),
    ).toEqual(["3p"]);
    expect(done.unknowns).toEqual([{ path: "1p", layer: 0, reason: expect.stringContaining("1000 bytes") }]);
    expect(done.completeness).toEqual({ probe: "incomplete" });
  });

  it("states a cataloger that gives up with a code, and does not hide a fault of the program", async () => {
    const failing = (error: Error): Cataloger => ({
      name: "failing",
      wants: () => undefined,
      catalog: () => {
        throw error;
      },
    });
    const input = scanInput([[file("a")]]);
    const done = await scan(input, { catalogers: [failing(new WaybillError("INPUT_INVALID", "bad database"))] });
    expect(done.unknowns).toEqual([{ path: "", layer: 0, reason: "failing: bad database" }]);
    expect(done.completeness).toEqual({ failing: "incomplete" });
    expect(await codeOfPromise(scan(input, { catalogers: [failing(new TypeError("oops"))] }))).toBe("INTERNAL");
  });
});

describe("scanImage: what comes out", () => {
  it("makes packages of one id one, in order, with all places, and edges that lead to packages", async () => {
    const first = probe("first", /^$/, {
      packages: [found("b", "first", "y"), found("a", "first", "z")],
      edges: [
        { from: "b", to: "a" },
        { from: "b", to: "gone" },
        { from: "a", to: "a" },
      ],
      direct: ["b", "gone"],
    });
    const second = probe("second", /^$/, { packages: [found("b", "second", "x")], edges: [{ from: "b", to: "a" }] });
    const catalogers = [first.cataloger, second.cataloger];
    const done = await scan(scanInput([[file("a")]]), { catalogers });
    expect(done.packages.map(({ id, occurrences }) => [id, occurrences.map(({ path }) => path)])).toEqual([
      ["a", ["z"]],
      ["b", ["x", "y"]],
    ]);
    expect([done.edges, done.direct]).toEqual([[{ from: "b", to: "a" }], ["b"]]);
    expect(await scan(scanInput([[file("a")]]), { catalogers })).toEqual(done);
  });

  it("marks packages whose every place belongs to a distribution's package", async () => {
    const owned = new Map([
      ["usr/a", "deb"],
      ["usr/b", "deb"],
      ["usr/deb", "deb"],
    ]);
    const asked: string[][] = [];
    const findOwners = (files: ReadonlySet<string>): ReadonlyMap<string, string> => {
      asked.push([...files].toSorted());
      return owned;
    };
    const owner = probe("owner", /^$/, { packages: [found("deb", "owner", "usr/deb")], owned: findOwners });
    const language = probe("language", /^$/, {
      packages: [
        found("in", "language", "usr/a", "usr/b"),
        found("in2", "language", "usr/b"),
        found("half", "language", "usr/a", "srv/a"),
        found("out", "language", "srv/b"),
      ],
    });
    const done = await scan(scanInput([[file("a")]]), { catalogers: [owner.cataloger, language.cataloger] });
    expect(done.packages.map(({ id, ownedBy }) => [id, ownedBy])).toEqual([
      ["deb", undefined],
      ["half", undefined],
      ["in", "deb"],
      ["in2", "deb"],
      ["out", undefined],
    ]);
    expect(asked).toEqual([["srv/a", "srv/b", "usr/a", "usr/b"]]);
    expect(done.edges).toEqual([
      { from: "deb", to: "in" },
      { from: "deb", to: "in2" },
    ]);
  });

  it("lists gaps in order, each once, and counts those over the limit", async () => {
    const gap = (path: string) => ({ path, layer: 0, reason: "unread" });
    const { cataloger } = probe("probe", /^$/, { unknowns: [gap("c"), gap("a"), gap("b"), gap("a")] });
    const done = await scan(scanInput([[file("a")]], { maxUnknowns: 2 }), { catalogers: [cataloger] });
    expect(done.unknowns).toEqual([
      gap("a"),
      gap("b"),
      { path: "", layer: 0, reason: "1 further gaps are not listed" },
    ]);
  });
});
