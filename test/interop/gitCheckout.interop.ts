import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCheckout } from "../../src/app/readCheckout.ts";
import { readFileIfThere } from "../../src/host/readLocalFile.ts";
import { testCtx } from "../fakes/testCtx.ts";
import { succeed } from "./run.ts";
import { openWorkspace } from "./workspace.ts";

// What is read of `.git` is what git itself says of it.

const workspace = openWorkspace();
const REMOTE = "https://git.example/team/shop.git";
const shop = workspace.path("shop");
const IDENTITY = { GIT_AUTHOR_NAME: "a", GIT_AUTHOR_EMAIL: "a@b.example", GIT_CONFIG_NOSYSTEM: "1" };
const env = { ...workspace.env, ...IDENTITY, GIT_COMMITTER_NAME: "a", GIT_COMMITTER_EMAIL: "a@b.example" };

const git = async (cwd: string, ...args: readonly string[]): Promise<string> =>
  (await succeed("git", args, { cwd, env })).trim();

const commit = async (cwd: string): Promise<void> => {
  await git(cwd, "commit", "--quiet", "--allow-empty", "-m", "x");
};

const read = (cwd: string) =>
  readCheckout({
    readFile: (ctx, path) =>
      readFileIfThere(ctx, path.startsWith("/") ? path : `${cwd}/${path}`, { cap: 1e6, what: "the file" }),
  })(testCtx());

const said = async (cwd: string) => ({
  commit: await git(cwd, "rev-parse", "HEAD"),
  ref: (await git(cwd, "rev-parse", "--symbolic-full-name", "HEAD")).replace(/^HEAD$/, "") || undefined,
  remote: await git(cwd, "config", "--get", "remote.origin.url"),
});

beforeAll(async () => {
  await succeed("git", ["init", "--quiet", "--initial-branch=team/main", shop], { env });
  await git(shop, "remote", "add", "origin", REMOTE);
  await git(shop, "remote", "add", "fork", "https://git.example/me/shop.git");
  await commit(shop);
});
afterAll(() => workspace[Symbol.dispose]());

describe("a git checkout", () => {
  it("is read with a loose branch, from below, and with a newer commit than the packed one", async () => {
    await git(shop, "checkout", "--quiet", "--orphan", "other");
    await writeFile(workspace.path("shop", "file"), "x");
    await git(shop, "add", ".");
    await commit(shop);
    await git(shop, "checkout", "--quiet", "team/main");
    expect(await read(shop)).toEqual(await said(shop));
    await succeed("mkdir", ["-p", `${shop}/a/b`]);
    expect(await read(`${shop}/a/b`)).toEqual(await said(shop));
    await git(shop, "pack-refs", "--all");
    expect(await read(shop)).toEqual(await said(shop));
    await commit(shop);
    expect(await read(shop)).toEqual(await said(shop));
  });

  it("is read where a commit is checked out, in a worktree, in a shallow clone and in one with SHA-256", async () => {
    await git(shop, "worktree", "add", "--quiet", "-b", "side", workspace.path("side"));
    await commit(workspace.path("side"));
    expect(await read(workspace.path("side"))).toEqual(await said(workspace.path("side")));
    await git(shop, "checkout", "--quiet", "--detach");
    expect(await read(shop)).toEqual({ ...(await said(shop)), ref: undefined });
    const clone = workspace.path("clone");
    await succeed("git", ["clone", "--quiet", "--depth=1", "--branch=side", `file://${shop}`, clone], { env });
    expect(await read(clone)).toEqual(await said(clone));
    const sha256 = workspace.path("sha256");
    await succeed("git", ["init", "--quiet", "--object-format=sha256", sha256], { env });
    await git(sha256, "remote", "add", "origin", REMOTE);
    await commit(sha256);
    expect((await read(sha256))?.commit).toHaveLength(64);
    expect(await read(sha256)).toEqual(await said(sha256));
  });

  it("is read as a submodule", async () => {
    const outer = workspace.path("outer");
    await succeed("git", ["init", "--quiet", outer], { env });
    await git(outer, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", shop, "sub");
    expect(await read(`${outer}/sub`)).toEqual(await said(`${outer}/sub`));
  });
});
