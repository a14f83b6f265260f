import { stat } from "node:fs/promises";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import { readNamedFile } from "#main/readNamedFile.ts";
import { chooseTufInstance } from "#main/tufInstance.ts";
import type { TufInstance } from "#main/tufInstance.ts";
import { formatTufMirror } from "#main/tufMirror.ts";
import { withTufRepository } from "#main/withTufRepository.ts";
import { readTrustRoots } from "#trust/readTrustRoot.ts";
import type { TrustRoot } from "#trust/trustRoot.ts";

export interface TrustRootSettings {
  /** trusted_root.json or .jsonl; given: nothing else is looked at. */
  readonly trustedRoots: readonly string[];
  /** Contact nobody. */
  readonly offline: boolean;
  /** Milliseconds since a mirror confirmed it, since the file was written, or since the seed was taken; undefined: any. */
  readonly maxRootAge: number | undefined;
}

// GitHub's file of two instances has 60 KiB.
const FILE_LIMIT = { cap: 8 * 1024 * 1024, what: "--trusted-root" };
const DAY_MS = 24 * 3_600_000;

/**
 * Whom to believe about certificates, logs and times: from files, else from the TUF mirror that was chosen, else from Sigstore's
 * public one; offline what is kept of it, else what is embedded, with a warning that says its age. TRUST_INVALID, TRUST_EXPIRED,
 * TRUST_STALE, TRUST_MISSING, CONFIG_INVALID, or what reaching the mirror throws. Call it only where something needs a root: it
 * may ask a mirror.
 */
export const openTrustRoots = async (ctx: Ctx, settings: TrustRootSettings): Promise<readonly TrustRoot[]> => {
  if (settings.trustedRoots.length > 0) return readFiles(ctx, settings);
  const instance = await chooseTufInstance(ctx, process.env);
  try {
    return await askMirror(ctx, instance, settings);
  } catch (error) {
    const seed =
      settings.offline && hasCode(error, "TRUST_MISSING", "TRUST_EXPIRED") ? await readSeed(instance) : undefined;
    if (seed === undefined) throw error;
    demandYoung(ctx, "the embedded trusted root", seed.taken.getTime(), settings.maxRootAge);
    const days = Math.floor((ctx.clock.now() - seed.taken.getTime()) / DAY_MS);
    ctx.emit({
      kind: "warning",
      message: `the embedded trusted root of ${seed.taken.toISOString().slice(0, 10)} is used, which is ${days} days old: ${(error as WaybillError).message}`,
    });
    return readTrustRoots(seed.trustedRoot, "embedded").map((root) => ({ ...root, published: seed.taken }));
  }
};

const readFiles = async (ctx: Ctx, settings: TrustRootSettings): Promise<readonly TrustRoot[]> => {
  const roots: TrustRoot[] = [];
  for (const path of settings.trustedRoots) {
    const bytes = await readNamedFile(ctx, path, FILE_LIMIT);
    // The document does not say when it was made; whoever copies it should keep its time.
    if (settings.maxRootAge !== undefined) demandYoung(ctx, path, (await stat(path)).mtimeMs, settings.maxRootAge);
    roots.push(...readTrustRoots(bytes, path));
  }
  return roots;
};

const askMirror = async (
  ctx: Ctx,
  instance: TufInstance,
  { offline, maxRootAge }: TrustRootSettings,
): Promise<readonly TrustRoot[]> =>
  withTufRepository(ctx, instance, { offline, maxAgeMs: maxRootAge }, async (repository) => {
    const name = formatTufMirror(instance.mirror);
    demandYoung(ctx, `what is kept of ${name}`, repository.fetchedAt.getTime(), maxRootAge);
    const bytes = await repository.target(ctx, "trusted_root.json");
    if (bytes === undefined)
      throw new WaybillError("TRUST_INVALID", `${name} has no trusted_root.json`, {
        hint: "Check which mirror was chosen with waybill initialize or TUF_MIRROR.",
      });
    return readTrustRoots(bytes, name).map((root) => ({ ...root, published: repository.fetchedAt }));
  });

const demandYoung = (ctx: Ctx, what: string, since: number, maxAge: number | undefined): void => {
  if (maxAge === undefined || ctx.clock.now() - since <= maxAge) return;
  throw new WaybillError(
    "TRUST_STALE",
    `${what} is of ${new Date(since).toISOString()}, which is longer ago than allowed`,
  );
};

/** What is embedded stands in only for a mirror that is believed for the very same root. */
const readSeed = async (instance: TufInstance) => {
  const { readPublicGoodSeed } = await import("#sigstore/publicGoodSeed.ts");
  const seed = readPublicGoodSeed();
  return Buffer.from(seed.root).equals(instance.firstRoot) ? seed : undefined;
};
