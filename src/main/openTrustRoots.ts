import { stat } from "node:fs/promises";
import type { Ctx } from "#core/ctx.ts";
import { hasCode } from "#core/errors.ts";
import { readNamedFile } from "#main/readNamedFile.ts";
import type { TufInstance } from "#main/tufInstance.ts";
import { demandFresh } from "#trust/demandTrust.ts";
import { readTrustRoots } from "#trust/readTrustRoot.ts";
import type { TrustRoot } from "#trust/trustRoot.ts";

export interface TrustRootSettings {
  /** trusted_root.json or .jsonl; given: nothing else is looked at. */
  readonly trustedRoots: readonly string[];
  /** Contact nobody. */
  readonly offline: boolean;
  /** Milliseconds since a mirror confirmed it, since the file was written, or since the seed was taken; undefined: any. */
  readonly maxRootAge: number | undefined;
  /** By Sigstore's staging instance, whichever was chosen. */
  readonly staging?: boolean;
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
  const roots = settings.trustedRoots.length > 0 ? await readFiles(ctx, settings) : await readInstance(ctx, settings);
  const { maxRootAge } = settings;
  if (maxRootAge !== undefined) for (const root of roots) demandFresh(root, maxRootAge, new Date(ctx.clock.now()));
  return roots;
};

const readFiles = async (ctx: Ctx, settings: TrustRootSettings): Promise<readonly TrustRoot[]> => {
  const roots: TrustRoot[] = [];
  for (const path of settings.trustedRoots) {
    const bytes = await readNamedFile(ctx, path, FILE_LIMIT);
    // The document does not say when it was made; whoever copies it should keep its time.
    const published = (await stat(path)).mtime;
    roots.push(...readTrustRoots(bytes, path).map((root) => ({ ...root, published })));
  }
  return roots;
};

/** Loads what speaks TUF, which files need none of. */
const readInstance = async (ctx: Ctx, settings: TrustRootSettings): Promise<readonly TrustRoot[]> => {
  const { chooseTufInstance, stagingTufInstance } = await import("#main/tufInstance.ts");
  const { readMirrorRoots } = await import("#main/readMirrorRoots.ts");
  const instance =
    settings.staging === true ? await stagingTufInstance(process.env) : await chooseTufInstance(ctx, process.env);
  try {
    return await readMirrorRoots(ctx, instance, { offline: settings.offline, maxAgeMs: settings.maxRootAge });
  } catch (error) {
    if (!settings.offline || !hasCode(error, "TRUST_MISSING", "TRUST_EXPIRED")) throw error;
    const roots = await readSeed(ctx, instance, error.message);
    if (roots === undefined) throw error;
    return roots;
  }
};

/** What is embedded stands in only for a mirror that is believed for the very same root. */
const readSeed = async (ctx: Ctx, instance: TufInstance, reason: string): Promise<readonly TrustRoot[] | undefined> => {
  const { readEmbeddedRoots } = await import("#main/readEmbeddedRoots.ts");
  const { firstRoot, taken, roots } = await readEmbeddedRoots();
  if (!Buffer.from(firstRoot).equals(instance.firstRoot)) return undefined;
  const days = Math.floor((ctx.clock.now() - taken.getTime()) / DAY_MS);
  const day = taken.toISOString().slice(0, 10);
  ctx.emit({
    kind: "warning",
    message: `the embedded trusted root of ${day} is used, which is ${days} days old: ${reason}`,
  });
  return roots;
};
