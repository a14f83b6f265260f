import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Ctx } from "#core/ctx.ts";
import { openFactFiles } from "#host/factFiles.ts";
import { LAYER_WORKER } from "#main/layerThread.ts";
import type { KeptFacts } from "#sbom/readFacts.ts";

/** The cache of layers' facts of this user; undefined where it cannot be used, or for sources, whose code changes any time. */
export const openKeptFacts = async (ctx: Ctx, env: NodeJS.ProcessEnv = process.env): Promise<KeptFacts | undefined> => {
  const engine = await nameEngine();
  const cache = engine && (await openFactFiles(ctx, factPlace(env)));
  return engine === undefined || cache === undefined || cache === "" ? undefined : { cache, engine };
};

/** `waybill/layers` below XDG_CACHE_HOME or ~/.cache. */
const factPlace = (env: NodeJS.ProcessEnv): string =>
  join(env["XDG_CACHE_HOME"] || join(env["HOME"] || homedir(), ".cache"), "waybill", "layers");

/** The bundle's worker names all chunks that it is made of by their hashes, so its own hash stands for all its code. */
const nameEngine = async (): Promise<string | undefined> => {
  if (LAYER_WORKER.pathname.endsWith(".ts")) return undefined;
  return createHash("sha256")
    .update(await readFile(LAYER_WORKER))
    .digest("hex");
};
