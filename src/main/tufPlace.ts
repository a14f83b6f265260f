import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { decodeBase64, encodeBase64 } from "#claims/base64.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import { readFileIfThere } from "#host/readLocalFile.ts";
import { writeLocalFile } from "#host/writeLocalFile.ts";
import { makePrivateDirectory } from "#sigstore/tuf/privateDirectory.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Which mirror was chosen with `initialize`, and what it is believed for. */
export interface ChosenMirror {
  readonly mirror: string;
  /** Undefined where another program wrote it down, which says no more. */
  readonly root: Uint8Array | undefined;
}

const MAX_BYTES = 1024 * 1024;

/** Where TUF metadata is kept: TUF_ROOT, else `waybill/tuf` below XDG_CACHE_HOME or ~/.cache. */
export const tufDirectory = (env: Environment): string =>
  env["TUF_ROOT"] || join(env["XDG_CACHE_HOME"] || join(env["HOME"] || homedir(), ".cache"), "waybill", "tuf");

/** What `initialize` wrote down; undefined where it never ran. CONFIG_INVALID for what is damaged or not the user's own. */
export const readChosenMirror = async (ctx: Ctx, directory: string): Promise<ChosenMirror | undefined> => {
  const path = chosenPath(directory);
  const text = await readFileIfThere(ctx, path, { cap: MAX_BYTES, what: "the chosen TUF mirror" });
  if (text === undefined) return undefined;
  await demandOwn(path);
  const document = parse(Buffer.from(text), path);
  const { mirror, root } = isJsonObject(document) ? document : {};
  const decoded = typeof root === "string" ? decodeBase64(root) : undefined;
  if (typeof mirror !== "string" || (root !== undefined && decoded === undefined)) throw damaged(path);
  return { mirror, root: decoded };
};

/** In cosign's form, which takes no notice of the root; whole or not at all. STORE_FAILED, also where others could change it. */
export const writeChosenMirror = async (ctx: Ctx, directory: string, chosen: Required<ChosenMirror>): Promise<void> => {
  const flaw = await makePrivateDirectory(directory);
  if (flaw !== undefined)
    throw new WaybillError("STORE_FAILED", `${directory} cannot keep which mirror is trusted: ${flaw}`, {
      hint: "Let TUF_ROOT name a directory of yours that nobody else can write to.",
    });
  const document = { mirror: chosen.mirror, ...(chosen.root === undefined ? {} : { root: encodeBase64(chosen.root) }) };
  await writeLocalFile(ctx, chosenPath(directory), Buffer.from(`${JSON.stringify(document)}\n`), 0o600);
};

const chosenPath = (directory: string): string => join(directory, "remote.json");

/** Whoever can write this file, or put another in its place, decides what is believed. */
const demandOwn = async (path: string): Promise<void> => {
  const uid = process.getuid?.();
  if (uid === undefined) return;
  for (const one of [path, dirname(path)]) {
    const found = await stat(one);
    // oxlint-disable-next-line no-bitwise -- the mode's bits for others
    if ((found.uid === uid || found.uid === 0) && (found.mode & 0o022) === 0) continue;
    throw new WaybillError("CONFIG_INVALID", `${path} says which mirror is trusted, and others can write to ${one}`, {
      hint: "Look what it says; then: chmod go-w, or remove it. TUF_MIRROR and TUF_ROOT_JSON together take its place.",
    });
  }
};

const parse = (bytes: Uint8Array, path: string): ReturnType<typeof parseStrict> => {
  try {
    return parseStrict(bytes, path);
  } catch (error) {
    if (hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED")) throw damaged(path, error);
    throw error;
  }
};

const damaged = (path: string, cause?: unknown): WaybillError =>
  new WaybillError("CONFIG_INVALID", `${path} does not say which mirror is trusted`, {
    cause,
    hint: "Run waybill initialize again.",
  });
