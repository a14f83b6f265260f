import type { Repository } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Descriptor } from "#core/descriptor.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { mapLimited } from "#core/limit.ts";
import { parseManifest } from "#core/manifest.ts";
import type { RawManifest } from "#core/manifest.ts";
import { copyBlob } from "#app/copyBlob.ts";
import type { CopyRoute } from "#app/copyRoute.ts";

/** A manifest that was read whole, and all manifests below it. */
export interface CopiedContent {
  readonly raw: RawManifest;
  /** This one and, of an index, all that are in it: everything that papers may be about. */
  readonly subjects: readonly Digest[];
}

const PARALLEL_BLOBS = 4;
const PARALLEL_CHILDREN = 4;
const MAX_NESTING = 4;

/**
 * Brings everything that a manifest names to the target, byte for byte and in the order that registries demand: blobs, then
 * the children of an index. The manifest itself is left to the caller. INPUT_INVALID or SIZE_* where an index says something
 * else of a child than it is, NOT_FOUND where the source lacks a part.
 */
export const copyContent = (ctx: Ctx, route: CopyRoute, raw: RawManifest): Promise<CopiedContent> =>
  copyBelow(ctx, route, raw, 0);

const copyBelow = async (ctx: Ctx, route: CopyRoute, raw: RawManifest, depth: number): Promise<CopiedContent> => {
  const manifest = parseManifest(raw);
  if (manifest.kind === "image") {
    await mapLimited([manifest.config, ...manifest.layers], PARALLEL_BLOBS, (blob) => copyBlob(ctx, route, blob));
    return { raw, subjects: [raw.digest] };
  }
  checkDepth(raw, depth);
  const below = await mapLimited(manifest.manifests, PARALLEL_CHILDREN, async (child) => {
    const copied = await copyBelow(ctx, route, await readChild(ctx, route.from, raw.digest, child), depth + 1);
    if (!route.dryRun) await route.to.writeManifest(ctx, copied.raw, undefined);
    return copied.subjects;
  });
  return { raw, subjects: [...new Set([raw.digest, ...below.flat()])] };
};

/** A manifest and, of an index, all that are in it; nothing is brought over. Errors as `copyContent`. */
export const listContained = async (
  ctx: Ctx,
  from: Repository,
  raw: RawManifest,
  depth = 0,
): Promise<readonly Digest[]> => {
  const manifest = parseManifest(raw);
  if (manifest.kind === "image") return [raw.digest];
  checkDepth(raw, depth);
  const below = await mapLimited(manifest.manifests, PARALLEL_CHILDREN, async (child) =>
    listContained(ctx, from, await readChild(ctx, from, raw.digest, child), depth + 1),
  );
  return [...new Set([raw.digest, ...below.flat()])];
};

const checkDepth = ({ digest }: RawManifest, depth: number): void => {
  if (depth === MAX_NESTING)
    throw new WaybillError("LIMIT_EXCEEDED", `indexes are nested more than ${MAX_NESTING} deep at ${digest}`);
};

const readChild = async (ctx: Ctx, from: Repository, index: Digest, child: Descriptor): Promise<RawManifest> => {
  const raw = await from.readManifest(ctx, child.digest);
  if (raw === undefined) {
    throw new WaybillError("NOT_FOUND", `${from.name} lacks ${child.digest}, which the index ${index} names`, {
      hint: "The source holds only a part of the image; name one that is there with --platform or by its digest.",
    });
  }
  if (raw.mediaType !== child.mediaType)
    throw new WaybillError("INPUT_INVALID", `the index ${index} says something else of ${child.digest} than its type`);
  const size = raw.bytes.byteLength;
  if (size === child.size) return raw;
  const code = size < child.size ? "SIZE_SHORT" : "SIZE_LONG";
  throw new WaybillError(code, `the index ${index} says that ${child.digest} has ${child.size} bytes, it has ${size}`);
};
