import { resolve } from "node:path";
import type { Ctx } from "#core/ctx.ts";
import { openTrustRoots } from "#main/openTrustRoots.ts";
import { readEmbeddedRoots } from "#main/readEmbeddedRoots.ts";
import { readMirrorRoots } from "#main/readMirrorRoots.ts";
import { readNamedFile } from "#main/readNamedFile.ts";
import { parseTufMirror } from "#main/tufMirror.ts";
import { tufDirectory } from "#main/tufPlace.ts";
import { demandFresh } from "#trust/demandTrust.ts";
import type { TrustRoot } from "#trust/trustRoot.ts";
import type { RootSource } from "#trust/trustSets.ts";

interface RootPlace {
  /** That of the document, from which paths in it start. */
  readonly directory: string;
  readonly offline: boolean;
}

const ROOT_LIMIT = { cap: 512 * 1024, what: "the first root of a TUF mirror" };

/** The roots that a trust set names. TRUST_STALE for those older than it allows; what reading them throws. */
export const openRootSource = async (ctx: Ctx, source: RootSource, place: RootPlace): Promise<readonly TrustRoot[]> => {
  const roots = await readSource(ctx, source, place);
  const { maxAgeMs } = source;
  if (maxAgeMs !== undefined) for (const root of roots) demandFresh(root, maxAgeMs, new Date(ctx.clock.now()));
  return roots;
};

const readSource = async (
  ctx: Ctx,
  source: RootSource,
  { directory, offline }: RootPlace,
): Promise<readonly TrustRoot[]> => {
  if (source.kind === "inline") return [source.root];
  if (source.kind === "embedded") return (await readEmbeddedRoots()).roots;
  if (source.kind === "file")
    return openTrustRoots(ctx, { trustedRoots: [resolve(directory, source.path)], offline, maxRootAge: undefined });
  const mirror = parseTufMirror(source.mirror, "the TUF mirror of a trust set");
  const firstRoot = await readNamedFile(ctx, resolve(directory, source.rootPath), ROOT_LIMIT);
  const instance = { mirror, firstRoot, directory: tufDirectory(process.env) };
  return readMirrorRoots(ctx, instance, { offline, maxAgeMs: source.maxAgeMs });
};
