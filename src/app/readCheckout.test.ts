import { describe, expect, it } from "vitest";
import { readCheckout } from "#app/readCheckout.ts";
import type { Checkout } from "#app/readCheckout.ts";
import { codeOfPromise } from "../../test/fakes/codeOfPromise.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

const COMMIT = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
const OTHER = "c".repeat(40);

const read = (files: Readonly<Record<string, string>>): Promise<Checkout | undefined> =>
  readCheckout({ readFile: (_, path) => Promise.resolve(files[path]) })(testCtx());

describe("readCheckout", () => {
  it("finds none where there is none", async () => {
    expect(await read({ HEAD: COMMIT })).toBeUndefined();
  });

  it("reads a branch from its own file, before the packed ones", async () => {
    const files = {
      ".git/HEAD": "ref: refs/heads/a/b\n",
      ".git/refs/heads/a/b": `${COMMIT}\n`,
      ".git/packed-refs": `${OTHER} refs/heads/a/b\n`,
    };
    expect(await read(files)).toEqual({ commit: COMMIT, ref: "refs/heads/a/b", remote: undefined });
  });

  it("reads packed references, whole names only, from a parent directory", async () => {
    const packed = `# pack-refs with: peeled fully-peeled sorted\n${OTHER} refs/heads/xmain\n${COMMIT} refs/heads/main\n^${OTHER}\n`;
    const files = { "../../.git/HEAD": "ref: refs/heads/main", "../../.git/packed-refs": packed };
    expect(await read(files)).toMatchObject({ commit: COMMIT, ref: "refs/heads/main" });
  });

  it("reads a detached commit, and says nothing of a branch without one", async () => {
    expect(await read({ ".git/HEAD": COMMIT })).toMatchObject({ commit: COMMIT, ref: undefined });
    expect(await read({ ".git/HEAD": "ref: refs/heads/new" })).toMatchObject({ commit: undefined });
  });

  it("follows a worktree to the repository that it belongs to", async () => {
    const files = {
      "../.git": "gitdir: /srv/shop/.git/worktrees/w\n",
      "/srv/shop/.git/worktrees/w/HEAD": "ref: refs/heads/w\n",
      "/srv/shop/.git/worktrees/w/commondir": "../..\n",
      "/srv/shop/.git/worktrees/w/../../refs/heads/w": COMMIT,
      "/srv/shop/.git/worktrees/w/../../config": '[remote "up"]\nurl = https://git.example/shop',
    };
    expect(await read(files)).toEqual({ commit: COMMIT, ref: "refs/heads/w", remote: "https://git.example/shop" });
  });

  it.each([
    ["nonsense"],
    ["ref: refs/heads/../../../etc/passwd"],
    ["ref: /etc/passwd"],
    ["ref: refs/heads/.invalid"],
    ["ref: refs/heads/a b"],
  ])("refuses a HEAD of %j", async (head) => {
    expect(await codeOfPromise(read({ ".git/HEAD": head }))).toBe("INPUT_INVALID");
  });

  it("ends where references lead in a circle", async () => {
    const files = { ".git/HEAD": "ref: refs/heads/a", ".git/refs/heads/a": "ref: refs/heads/a" };
    expect(await codeOfPromise(read(files))).toBe("INPUT_INVALID");
  });

  it.each([
    ['[remote "origin"] url = https://a/b', "https://a/b"],
    ['[REMOTE "origin"]\n  URL = "https://a/#b" ; mine\n', "https://a/#b"],
    ['[remote "x"]\nurl = https://x\n[remote "origin"]\nurl=https://a/b # c', "https://a/b"],
    ['[remote "x"]\nurl = https://x\n[remote "y"]\nurl = https://y', undefined],
    ['[branch "main"]\nurl = https://x\n[remote "origin"]\npushurl = https://y', undefined],
    ['[remote "origin"]\nurl = https://a/\\\nb', "https://a/b"],
    ['[remote "origin"]\nurl = C:\\\\src\\\\shop', "C:\\src\\shop"],
  ])("finds the remote in %j", async (config, remote) => {
    expect(await read({ ".git/HEAD": COMMIT, ".git/config": config })).toMatchObject({ remote });
  });
});
