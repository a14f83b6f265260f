import { WaybillError } from "#core/errors.ts";
import type { Ctx } from "#core/ctx.ts";
import { readRemote } from "#app/readRemote.ts";

/** What a git checkout says of itself; whether files in it were changed since, nobody knows without reading them all. */
export interface Checkout {
  /** Full name of the commit that is checked out. */
  readonly commit: string | undefined;
  /** `refs/heads/NAME` where a branch is checked out. */
  readonly ref: string | undefined;
  /** Address of `origin`, or of the only remote, as configured. */
  readonly remote: string | undefined;
}

export interface CheckoutFiles {
  /** Text of a regular file, by a path relative to the working directory or absolute; undefined where there is none. */
  readonly readFile: (ctx: Ctx, path: string) => Promise<string | undefined>;
}

// Deeper than anybody checks out; at the root of the file system `..` stays there.
const MAX_PARENTS = 40;
const MAX_LINKS = 5;
const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/**
 * Reads the checkout that the working directory lies in, without running git: HEAD, loose and packed references, the remote
 * (gitrepository-layout). Undefined where there is none. INPUT_INVALID for one that cannot be understood.
 */
export const readCheckout =
  (files: CheckoutFiles) =>
  async (ctx: Ctx): Promise<Checkout | undefined> => {
    const dir = await findDir(files, ctx);
    if (dir === undefined) return undefined;
    const common = await readPath(files, ctx, `${dir}/commondir`, `${dir}/`);
    const refs = common ?? dir;
    const head = (await files.readFile(ctx, `${dir}/HEAD`))?.trim() ?? "";
    const ref = /^ref: (.+)$/.exec(head)?.[1];
    if (ref === undefined && !COMMIT.test(head)) throw invalid(`${dir}/HEAD names neither a branch nor a commit`);
    const commit = ref === undefined ? head : await readRef(files, ctx, refs, ref);
    const config = await files.readFile(ctx, `${refs}/config`);
    return { commit, ref, remote: config === undefined ? undefined : readRemote(config) };
  };

/** `.git` is a directory, or, in a worktree or a submodule, a file that names one. */
const findDir = async (files: CheckoutFiles, ctx: Ctx): Promise<string | undefined> => {
  for (let depth = 0; depth <= MAX_PARENTS; depth++) {
    const up = "../".repeat(depth);
    if ((await files.readFile(ctx, `${up}.git/HEAD`)) !== undefined) return `${up}.git`;
    const named = await readPath(files, ctx, `${up}.git`, up, "gitdir: ");
    if (named !== undefined) return named;
  }
  return undefined;
};

/** The path that a file holds, relative to `from`. */
const readPath = async (
  files: CheckoutFiles,
  ctx: Ctx,
  file: string,
  from: string,
  prefix = "",
): Promise<string | undefined> => {
  const text = (await files.readFile(ctx, file))?.trim();
  if (text === undefined) return undefined;
  const path = text.slice(prefix.length);
  if (!text.startsWith(prefix) || path === "" || path.includes("\n")) throw invalid(`${file} names no directory`);
  return path.startsWith("/") ? path : `${from}${path}`;
};

const readRef = async (
  files: CheckoutFiles,
  ctx: Ctx,
  dir: string,
  ref: string,
  links = 0,
): Promise<string | undefined> => {
  // A path is made of it: git-check-ref-format forbids what could lead elsewhere.
  // oxlint-disable-next-line no-control-regex -- controls are among what is forbidden
  if (!/^refs\/[^\u0000-\u0020\u007f~^:?*[\\]+$/.test(ref) || ref.includes("..") || ref.endsWith("/.invalid")) {
    throw invalid(`${dir}: its references cannot be read`);
  }
  const text = (await files.readFile(ctx, `${dir}/${ref}`))?.trim();
  const next = /^ref: (.+)$/.exec(text ?? "")?.[1];
  if (next !== undefined && links < MAX_LINKS) return readRef(files, ctx, dir, next, links + 1);
  if (text !== undefined && COMMIT.test(text)) return text;
  if (text !== undefined) throw invalid(`${dir}/${ref} holds no commit`);
  const packed = (await files.readFile(ctx, `${dir}/packed-refs`)) ?? "";
  const line = packed.split("\n").find((one) => one.trimEnd().endsWith(` ${ref}`));
  const commit = line?.split(" ")[0];
  return commit !== undefined && COMMIT.test(commit) ? commit : undefined;
};

const invalid = (reason: string): WaybillError =>
  new WaybillError("INPUT_INVALID", `the git checkout: ${reason}`, {
    hint: "Give --source and --commit-sha instead; references kept as reftable are not read.",
  });
