import { homedir } from "node:os";
import { join } from "node:path";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import { readLocalFile } from "#host/readLocalFile.ts";

export interface DockerConfig {
  readonly path: string;
  readonly bytes: Uint8Array;
}

const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Docker's config.json: in `DOCKER_CONFIG`, else in `.docker` of the home directory. Undefined where there is none;
 * CONFIG_INVALID where it is and cannot be read, since going on without credentials would only hide why.
 */
export const readDockerConfig = async (
  ctx: Ctx,
  env: Readonly<Record<string, string | undefined>>,
): Promise<DockerConfig | undefined> => {
  const directory = env["DOCKER_CONFIG"] || join(env["HOME"] || homedir(), ".docker");
  const path = join(directory, "config.json");
  try {
    return { path, bytes: await readLocalFile(ctx, path, { cap: MAX_BYTES, what: "docker's configuration" }) };
  } catch (error) {
    if (hasCode(error, "NOT_FOUND")) return undefined;
    if (hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED"))
      throw new WaybillError("CONFIG_INVALID", error.message, { cause: error });
    throw error;
  }
};
