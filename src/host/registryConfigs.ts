import { mkdir, realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import { readLocalFile } from "#host/readLocalFile.ts";
import { writeLocalFile } from "#host/writeLocalFile.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Where credentials for registries may be kept. */
export interface RegistryConfig {
  /** The first of these that is there is the file. */
  readonly paths: readonly string[];
  /** Where it is written when none is there. */
  readonly path: string;
}

const MAX_BYTES = 4 * 1024 * 1024;
// docker's name, and those that Kubernetes gives the files of a mounted secret.
const NAMES = ["config.json", ".dockerconfigjson", ".dockercfg"];

/**
 * Files with credentials in the order in which they are asked: `named` alone where it is given (a file, or a directory that
 * holds one); else `REGISTRY_AUTH_FILE`, docker's (`DOCKER_CONFIG`, else `.docker` of the home directory), podman's (below
 * `XDG_RUNTIME_DIR`, else the directory of settings).
 */
export const listRegistryConfigs = async (
  named: string | undefined,
  env: Env,
): Promise<readonly [RegistryConfig, ...RegistryConfig[]]> => {
  if (named !== undefined) {
    const isDirectory = (await stat(named).catch(() => undefined))?.isDirectory() === true;
    return [isDirectory ? within(named) : single(named)];
  }
  const home = env["HOME"] || homedir();
  const runtime = env["XDG_RUNTIME_DIR"];
  const docker = within(env["DOCKER_CONFIG"] || join(home, ".docker"));
  return [
    ...(env["REGISTRY_AUTH_FILE"] ? ([single(env["REGISTRY_AUTH_FILE"]), docker] as const) : ([docker] as const)),
    ...(runtime ? [single(join(runtime, "containers", "auth.json"))] : []),
    single(join(env["XDG_CONFIG_HOME"] || join(home, ".config"), "containers", "auth.json")),
  ];
};

/**
 * The file as it is now. Undefined where there is none; CONFIG_INVALID where it is and cannot be read, since going on without
 * credentials would only hide why.
 */
export const readRegistryConfig = async (
  ctx: Ctx,
  { paths }: RegistryConfig,
): Promise<{ readonly path: string; readonly bytes: Uint8Array } | undefined> => {
  for (const path of paths) {
    try {
      return { path, bytes: await readLocalFile(ctx, path, { cap: MAX_BYTES, what: "credentials of registries" }) };
    } catch (error) {
      if (hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED"))
        throw new WaybillError("CONFIG_INVALID", error.message, { cause: error });
      if (!hasCode(error, "NOT_FOUND")) throw error;
    }
  }
  return undefined;
};

/** Where such a file really is, its directory made where it is not there: a link stays one, and what it leads to is written. */
export const placeRegistryConfig = async (path: string): Promise<string> => {
  // What cannot be made shows when the file is written.
  await mkdir(dirname(path), { recursive: true, mode: 0o700 }).catch(() => undefined);
  return realpath(path).catch(() => path);
};

/**
 * Writes such a file whole or not at all, with the mode that it has; a new one is for its owner alone (0600). STORE_FAILED
 * where that cannot be done.
 */
export const writeRegistryConfig = async (ctx: Ctx, target: string, bytes: Uint8Array): Promise<void> => {
  const mode = (await stat(target).catch(() => undefined))?.mode ?? 0o600;
  await writeLocalFile(ctx, target, bytes, mode & 0o777);
};

const single = (path: string): RegistryConfig => ({ paths: [path], path });

const within = (directory: string): RegistryConfig => ({
  paths: NAMES.map((name) => join(directory, name)),
  path: join(directory, "config.json"),
});
