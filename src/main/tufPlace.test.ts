import { chmod, mkdtemp, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { readChosenMirror, tufDirectory, writeChosenMirror } from "#main/tufPlace.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "waybill-tuf-"));
});

const path = (): string => join(directory, "remote.json");
const read = () => readChosenMirror(testCtx(), directory);

describe("tufDirectory", () => {
  it.each([
    [{ TUF_ROOT: "/t", XDG_CACHE_HOME: "/c", HOME: "/h" }, "/t"],
    [{ TUF_ROOT: "", XDG_CACHE_HOME: "/c", HOME: "/h" }, "/c/waybill/tuf"],
    [{ HOME: "/h" }, "/h/.cache/waybill/tuf"],
  ])("follows %j", (env, expected) => {
    expect(tufDirectory(env)).toBe(expected);
  });
});

describe("the chosen mirror", () => {
  it("comes back as it was written, and nobody else can read it", async () => {
    const chosen = { mirror: "https://tuf.example", root: Buffer.from("{}") };
    await writeChosenMirror(testCtx(), directory, chosen);
    expect(await read()).toEqual(chosen);
    // oxlint-disable-next-line no-bitwise -- the mode's bits
    expect((await stat(path())).mode & 0o777).toBe(0o600);
  });

  it("is what cosign wrote, which keeps no root with it", async () => {
    await writeFile(path(), '{"mirror":"https://tuf.example"}');
    expect(await read()).toEqual({ mirror: "https://tuf.example", root: undefined });
  });

  it("is none where nothing was written", async () => {
    expect(await read()).toBeUndefined();
  });

  it.each(["", "[]", "{}", '{"mirror":1}', '{"mirror":"https://x","root":"?"}', '{"mirror":"a","mirror":"b"}'])(
    "is not guessed from %j",
    async (text) => {
      await writeFile(path(), text);
      await expect(read()).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    },
  );

  it("is not read where others could have written it, nor written there", async () => {
    await writeChosenMirror(testCtx(), directory, { mirror: "https://tuf.example", root: Buffer.from("{}") });
    await chmod(path(), 0o666);
    await expect(read()).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    await chmod(path(), 0o600);
    await chmod(directory, 0o777);
    await expect(read()).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    await expect(
      writeChosenMirror(testCtx(), directory, { mirror: "https://x", root: Buffer.from("{}") }),
    ).rejects.toMatchObject({ code: "STORE_FAILED" });
    expect(await readFile(path(), "utf8")).toContain("tuf.example");
  });
});
