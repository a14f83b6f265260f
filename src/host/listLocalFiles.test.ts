import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { listLocalFiles } from "#host/listLocalFiles.ts";
import { readFileIfThere } from "#host/readLocalFile.ts";
import { codeOfPromise } from "../../test/fakes/codeOfPromise.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

const dir = mkdtempSync(join(tmpdir(), "waybill-list-"));
afterAll(() => rmSync(dir, { recursive: true }));

for (const name of ["a", "a/b", ".git", "link-target"]) mkdirSync(join(dir, name));
for (const name of ["z.yaml", "a/b/c.yml", "a/x.json", "a/notes.txt", ".git/config.yaml", ".hidden.yaml"]) {
  writeFileSync(join(dir, name), "text");
}
symlinkSync("z.yaml", join(dir, "linked.yaml"));
symlinkSync("link-target", join(dir, "away"));
symlinkSync("..", join(dir, "a", "up"));

const below = (paths: readonly string[]): readonly string[] => paths.map((path) => path.slice(dir.length + 1));

describe("listLocalFiles", () => {
  it("lists files of those endings at any depth, sorted, and names links to directories", async () => {
    const found = await listLocalFiles(testCtx(), dir, [".yaml", ".yml", ".json"]);
    expect(below(found?.files ?? [])).toEqual(["a/b/c.yml", "a/x.json", "linked.yaml", "z.yaml"]);
    expect(below(found?.links ?? []).toSorted()).toEqual(["a/up", "away"]);
  });

  it("says nothing of what is no directory", async () => {
    expect(await listLocalFiles(testCtx(), join(dir, "z.yaml"), [".yaml"])).toBeUndefined();
    expect(await listLocalFiles(testCtx(), join(dir, "nowhere"), [".yaml"])).toBeUndefined();
  });
});

describe("readFileIfThere", () => {
  const limit = { cap: 4, what: "the file" };

  it("reads a file, and finds nothing in anything else", async () => {
    expect(await readFileIfThere(testCtx(), join(dir, "z.yaml"), limit)).toBe("text");
    for (const name of ["nowhere", "a", "z.yaml/below"]) {
      expect(await readFileIfThere(testCtx(), join(dir, name), limit)).toBeUndefined();
    }
  });

  it("ends at its cap", async () => {
    const read = readFileIfThere(testCtx(), join(dir, "z.yaml"), { ...limit, cap: 3 });
    expect(await codeOfPromise(read)).toBe("LIMIT_EXCEEDED");
  });
});
