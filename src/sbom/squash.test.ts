import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOfPromise } from "../../test/fakes/codeOfPromise.ts";
import { look, probe, scan, scanInput } from "../../test/fakes/scanBench.ts";
import type { RawEntry } from "../../test/fakes/tarBytes.ts";

const file = (name: string, body = name): RawEntry => ({ name, body });
const dir = (name: string): RawEntry => ({ name, flag: "5" });
const symlink = (name: string, link: string): RawEntry => ({ name, flag: "2", link });
const hardlink = (name: string, link: string): RawEntry => ({ name, flag: "1", link });
const lookAt = (...layers: readonly (readonly RawEntry[])[]) => look(/p$/, ...layers);

describe("whiteouts", () => {
  const base = [file("a/1p"), file("a/2p"), file("a/sub/3p"), file("b/4p")];

  it("hide a file or a directory of the layers below", async () => {
    expect(await lookAt(base, [file("a/.wh.1p", ""), file("a/.wh.sub", "")])).toEqual(["a/2p@0=a/2p", "b/4p@0=b/4p"]);
  });

  it("never hide what their own layer brings, before or after", async () => {
    const marker = file(".wh.a", "");
    const again = file("a/1p", "new");
    expect(await lookAt(base, [marker, again])).toEqual(["a/1p@1=new", "b/4p@0=b/4p"]);
    expect(await lookAt(base, [again, marker])).toEqual(["a/1p@1=new", "b/4p@0=b/4p"]);
  });

  it("of an opaque directory hide all below and nothing of their layer, wherever they stand", async () => {
    const marker = file("a/.wh..wh..opq", "");
    expect(await lookAt(base, [marker, file("a/5p")])).toEqual(["a/5p@1=a/5p", "b/4p@0=b/4p"]);
    expect(await lookAt(base, [file("a/5p"), marker])).toEqual(["a/5p@1=a/5p", "b/4p@0=b/4p"]);
    expect(await lookAt(base, [file(".wh..wh..opq", "")])).toEqual([]);
  });

  it("that merely begin like the opaque marker hide the file of that name (stereoscope#696)", async () => {
    const lower = [...base, file("a/.wh..opqueuep"), file("a/.wh..wh.p")];
    const found = await lookAt(lower, [
      file("a/.wh..wh..opqueue", ""),
      file("a/.wh..wh.plnk", ""),
      file("a/.wh..wh.aufs", ""),
    ]);
    expect(found).toEqual(base.map(({ name }) => `${String(name)}@0=${String(name)}`));
  });

  it("without a name hide nothing and are stated (stereoscope#647)", async () => {
    const seeing = probe("probe", /p$/);
    const layers = [base, [file("a/.wh.", ""), file(".wh.", ""), file("a/.wh..", ""), file("a/.wh...", "")]];
    const found = await scan(scanInput(layers), { catalogers: [seeing.cataloger] });
    expect(seeing.view().captured("probe")).toHaveLength(4);
    expect(found.unknowns.map(({ path }) => path)).toEqual([".wh.", "a/.wh.", "a/.wh..", "a/.wh..."]);
    expect(found.completeness).toEqual({ probe: "incomplete" });
  });

  it("of an opaque directory do not reach through a link below (stereoscope#694)", async () => {
    const lower = [file("usr/lib/1p"), symlink("lib", "usr/lib")];
    expect(await lookAt(lower, [file("lib/.wh..wh..opq", ""), file("lib/2p")])).toEqual([
      "lib/2p@1=lib/2p",
      "usr/lib/1p@0=usr/lib/1p",
    ]);
  });

  it("reach through links among the directories they stand in", async () => {
    const lower = [file("usr/lib/1p"), file("usr/lib/2p"), symlink("lib", "usr/lib")];
    expect(await lookAt(lower, [file("lib/.wh.1p", "")])).toEqual(["usr/lib/2p@0=usr/lib/2p"]);
    const below = [file("usr/lib/d/1p"), symlink("lib", "usr/lib")];
    expect(await lookAt(below, [file("lib/d/.wh..wh..opq", "")])).toEqual([]);
  });

  it("do not leak out of the base layer as files (stereoscope#696)", async () => {
    const seeing = probe("probe", /./);
    await scan(scanInput([[file("a/.wh.x", ""), file("b/.wh..wh..opq", ""), file("c/.wh..wh.plnk", "")]]), {
      catalogers: [seeing.cataloger],
    });
    expect(seeing.view().captured("probe")).toEqual([]);
    // An opaque directory exists even where nothing is below it (stereoscope#48).
    expect(["a", "b", "c"].map((path) => seeing.view().realPath(path))).toEqual([undefined, "b", undefined]);
  });
});

describe("replacement", () => {
  it("of a directory by a file or a link drops all below it; directories merge", async () => {
    const base = [file("a/1p"), file("b/1p"), file("c/1p")];
    expect(await lookAt(base, [file("a", "x"), symlink("b", "/nowhere"), dir("c/"), file("c/2p")])).toEqual([
      "c/1p@0=c/1p",
      "c/2p@1=c/2p",
    ]);
  });

  it("of a file by a directory, stated or implied", async () => {
    expect(await lookAt([file("a"), file("b")], [dir("a"), file("a/1p"), file("b/1p")])).toEqual([
      "a/1p@1=a/1p",
      "b/1p@1=b/1p",
    ]);
  });

  it("within one layer: the later name wins", async () => {
    expect(await lookAt([file("1p", "old"), file("1p", "new")])).toEqual(["1p@0=new"]);
    expect(await lookAt([file("1p", "old"), dir("1p"), file("1p/2p")])).toEqual(["1p/2p@0=1p/2p"]);
  });

  it("of a link by a directory makes what comes below it the directory's", async () => {
    const base = [file("usr/lib/1p"), symlink("lib", "usr/lib")];
    expect(await lookAt(base, [dir("lib"), file("lib/2p")])).toEqual(["lib/2p@1=lib/2p", "usr/lib/1p@0=usr/lib/1p"]);
  });
});

describe("links", () => {
  it("among parents are followed as the merged view has them, also where they lead nowhere yet", async () => {
    const base = [symlink("lib", "usr/lib"), symlink("run", "/var/run"), symlink("a/up", "../../../b")];
    expect(await lookAt(base, [file("lib/1p"), file("run/2p"), file("a/up/3p")])).toEqual([
      "b/3p@1=a/up/3p",
      "usr/lib/1p@1=lib/1p",
      "var/run/2p@1=run/2p",
    ]);
  });

  it("in circles become directories where something is put below them, and lead nowhere else", async () => {
    const seeing = probe("probe", /p$/);
    const circle = [symlink("a", "b"), symlink("b", "a"), symlink("self", "self"), symlink("dot", ".")];
    const chain = Array.from({ length: 60 }, (_, index) => symlink(`c${index}`, `c${index + 1}`));
    const base = [...circle, ...chain, file("c60"), file("1p")];
    await scan(scanInput([base, [file("self/2p")]]), { catalogers: [seeing.cataloger] });
    const view = seeing.view();
    expect(view.captured("probe").map(({ path }) => path)).toEqual(["1p", "self/2p"]);
    expect([view.realPath("a"), view.realPath("b/x"), view.realPath("c0"), view.realPath("c25")]).toEqual([
      undefined,
      undefined,
      undefined,
      "c60",
    ]);
    expect(view.file("dot/dot/./1p")?.path).toBe("1p");
  });

  it("hard: a second name keeps its content when the first one goes or changes", async () => {
    const base = [
      file("store/1p", "old"),
      hardlink("a/1p", "store/1p"),
      file("store/1p", "new"),
      hardlink("b/1p", "store/1p"),
    ];
    expect(await lookAt(base)).toEqual(["a/1p@0=old", "b/1p@0=new", "store/1p@0=new"]);
    expect(await lookAt(base, [file(".wh.store", "")])).toEqual(["a/1p@0=old", "b/1p@0=new"]);
  });

  it("hard: to a lower layer, to a symlink, to another hard link", async () => {
    const base = [file("store/1p", "x"), symlink("store/s", "1p")];
    const upper = [hardlink("a/1p", "store/1p"), hardlink("a/2p", "a/1p"), hardlink("store/t", "store/s")];
    const seeing = probe("probe", /p$/);
    await scan(scanInput([base, upper]), { catalogers: [seeing.cataloger] });
    const found = seeing.view().captured("probe");
    expect(found.map(({ path, layer }) => `${path}@${layer}`)).toEqual(["a/1p@1", "a/2p@1", "store/1p@0"]);
    expect(seeing.view().realPath("store/t")).toBe("store/1p");
  });

  it("hard: to nothing, to a directory or in circles are stated and left out", async () => {
    const seeing = probe("probe", /p$/);
    const entries = [
      dir("d"),
      hardlink("1p", "gone"),
      hardlink("2p", "3p"),
      hardlink("3p", "2p"),
      hardlink("4p", "4p"),
      hardlink("5p", "d"),
    ];
    const found = await scan(scanInput([entries]), { catalogers: [seeing.cataloger] });
    expect(seeing.view().captured("probe")).toEqual([]);
    expect(found.unknowns.map(({ path }) => path)).toEqual(["1p", "2p", "3p", "4p", "5p"]);
  });

  it("that make evidence of what nobody kept have it read again, once for all their names", async () => {
    const seeing = probe("probe", /p$/);
    const store = [file("store/ab12", "content"), file("store/cd34", "other")];
    const links = [hardlink("a/1p", "store/ab12"), hardlink("b/1p", "store/ab12"), symlink("2p", "store/cd34")];
    const input = scanInput([store, links, [file("store/.wh.ab12", "")]]);
    await scan(input, { catalogers: [seeing.cataloger] });
    const found = seeing.view().captured("probe");
    expect(found.map(({ path, bytes }) => `${path}=${Buffer.from(bytes).toString()}`)).toEqual([
      "2p=other",
      "a/1p=content",
      "b/1p=content",
    ]);
    expect(input.opened.toSorted((a, b) => a - b)).toEqual([0, 0, 1, 2]);
    expect(Buffer.from(seeing.view().file("2p")?.bytes ?? []).toString()).toBe("other");
    expect(seeing.view().history("2p")).toHaveLength(1);
  });

  it("symbolic: to evidence are no second evidence", async () => {
    expect(await lookAt([file("1p"), symlink("2p", "1p")])).toEqual(["1p@0=1p"]);
  });
});

describe("squash", () => {
  it("refuses more names than the limit, implied directories included", async () => {
    const deep = [file("a/b/c/d/1p")];
    const code = (maxNodes: number) =>
      codeOfPromise(scan(scanInput([deep], { maxNodes }), { catalogers: [probe("probe", /p$/).cataloger] }));
    expect(await code(5)).toBeUndefined();
    expect(await code(4)).toBe("LIMIT_EXCEEDED");
  });

  it("agrees with itself however hostile the layers: every captured file is where its path says", async () => {
    const name = fc.constantFrom(
      "a",
      "b",
      "a/b",
      "a/c",
      "b/a",
      "b/c/d",
      "c",
      "a/b/e",
      ".wh.a",
      "a/.wh.b",
      "b/.wh..wh..opq",
      ".wh.c",
    );
    const entry = fc.tuple(name, fc.constantFrom("0", "1", "2", "5"), name);
    const layer = fc.array(
      entry.map(([at, flag, link]) => ({ name: at, flag, link })),
      { maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(layer, { minLength: 1, maxLength: 4 }), async (layers) => {
        const seeing = probe("probe", /./);
        await scan(scanInput(layers), { catalogers: [seeing.cataloger] });
        const view = seeing.view();
        for (const { path } of view.captured("probe")) {
          const slash = path.lastIndexOf("/");
          expect(path.startsWith(".wh.", slash + 1)).toBe(false);
          expect(view.file(path)).toBeDefined();
          expect(view.realPath(path)).toBe(path);
        }
      }),
      { numRuns: 150 },
    );
  });
});
