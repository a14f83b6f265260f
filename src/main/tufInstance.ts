import type { Ctx } from "#core/ctx.ts";
import { readNamedFile } from "#main/readNamedFile.ts";
import { formatTufMirror, parseTufMirror } from "#main/tufMirror.ts";
import type { TufMirror } from "#main/tufMirror.ts";
import { readChosenMirror, tufDirectory } from "#main/tufPlace.ts";
import { WaybillError } from "#core/errors.ts";
import { PUBLIC_GOOD_MIRROR, STAGING_MIRROR } from "#sigstore/mirrors.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Whose TUF repository is asked, and what it is believed for. */
export interface TufInstance {
  readonly mirror: TufMirror;
  readonly firstRoot: Uint8Array;
  /** Below which metadata is kept. */
  readonly directory: string;
}

const ROOT_LIMIT = { cap: 512 * 1024, what: "TUF_ROOT_JSON" };

/**
 * TUF_MIRROR, else the mirror of `initialize`, else Sigstore's public one; believed for TUF_ROOT_JSON, else for what
 * `initialize` was given for this same mirror, else for the root that is embedded for it (cosign.md 5.2). CONFIG_INVALID where
 * a mirror has none: no root of another instance takes its place.
 */
export const chooseTufInstance = async (ctx: Ctx, env: Environment): Promise<TufInstance> => {
  const directory = tufDirectory(env);
  const named = env["TUF_MIRROR"] || undefined;
  const rootFile = env["TUF_ROOT_JSON"] || undefined;
  const isSaid = named !== undefined && rootFile !== undefined;
  const chosen = isSaid ? undefined : await readChosenMirror(ctx, directory);
  const mirror = parseTufMirror(
    named ?? chosen?.mirror ?? PUBLIC_GOOD_MIRROR,
    named === undefined ? `the mirror in ${directory}` : "TUF_MIRROR",
  );
  const name = formatTufMirror(mirror);
  if (rootFile !== undefined) return { mirror, directory, firstRoot: await readNamedFile(ctx, rootFile, ROOT_LIMIT) };
  const kept = chosen?.mirror === name ? chosen.root : undefined;
  const firstRoot = kept ?? (await embeddedRoot(name));
  if (firstRoot !== undefined) return { mirror, directory, firstRoot };
  throw new WaybillError("CONFIG_INVALID", `nobody said which root the TUF mirror ${name} is believed for`, {
    hint: `Run waybill initialize --mirror ${name} --root ROOT.json, or name the file with TUF_ROOT_JSON.`,
  });
};

/** Sigstore's staging instance, believed for the root that is embedded for it alone. */
export const stagingTufInstance = async (env: Environment): Promise<TufInstance> => ({
  mirror: parseTufMirror(STAGING_MIRROR, "the staging instance"),
  directory: tufDirectory(env),
  firstRoot: (await import("#sigstore/stagingRoot.ts")).readStagingRoot(),
});

/** The root that comes with this program for a mirror of this very address. */
export const embeddedRoot = async (mirror: string): Promise<Uint8Array | undefined> => {
  if (mirror === PUBLIC_GOOD_MIRROR) return (await import("#sigstore/publicGoodSeed.ts")).readPublicGoodSeed().root;
  return mirror === STAGING_MIRROR ? (await import("#sigstore/stagingRoot.ts")).readStagingRoot() : undefined;
};
