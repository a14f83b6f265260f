import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeLocalFolder } from "#host/writeLocalFolder.ts";
import { codeOfPromise } from "../../test/fakes/codeOfPromise.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

let home = "";
beforeAll(async () => void (home = await mkdtemp(join(tmpdir(), "waybill-folder-"))));
afterAll(() => rm(home, { recursive: true }));

const files = [
  { name: "a.json", bytes: Buffer.from("a") },
  { name: "b.json", bytes: Buffer.from("b") },
];
const write = (path: string, content = files): Promise<void> => writeLocalFolder(testCtx(), path, content);

describe("writeLocalFolder", () => {
  it("makes a folder, and takes an empty one", async () => {
    const path = join(home, "new");
    await write(path);
    expect((await readdir(path)).toSorted()).toEqual(["a.json", "b.json"]);
    expect(await readFile(join(path, "b.json"), "utf8")).toBe("b");
    await mkdir(join(home, "empty"));
    await write(join(home, "empty"));
    expect(await readdir(join(home, "empty"))).toHaveLength(2);
  });

  it("leaves nothing behind where it cannot be whole", async () => {
    const before = await readdir(home);
    await mkdir(join(home, "full"));
    await writeFile(join(home, "full", "mine"), "");
    await writeFile(join(home, "file"), "");
    for (const name of ["full", "file", "missing/new"]) {
      expect(await codeOfPromise(write(join(home, name)))).toBe("STORE_FAILED");
    }
    expect(await codeOfPromise(write(join(home, "twice"), [...files, ...files]))).toBe("STORE_FAILED");
    expect(await readdir(join(home, "full"))).toEqual(["mine"]);
    expect((await readdir(home)).toSorted()).toEqual([...before, "file", "full"].toSorted());
  });
});
