import type { Repository } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Descriptor } from "#core/descriptor.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { mapLimited } from "#core/limit.ts";
import { parseManifest } from "#core/manifest.ts";
import type { RawManifest } from "#core/manifest.ts";

export interface CopyInput {
  readonly from: Repository;
  readonly to: Repository;
  readonly digest: Digest;
  readonly tag: string;
}

const PARALLEL_BLOBS = 3;
const MAX_NESTING = 4;

/** Copies an image, or an index with all its children, byte for byte: content before what names it. Papers stay behind. */
export const copyImage = async (ctx: Ctx, input: CopyInput): Promise<void> => {
  const raw = await copyContent(ctx, input, input.digest, 0);
  await input.to.writeManifest(ctx, raw, input.tag);
};

const copyContent = async (ctx: Ctx, input: CopyInput, digest: Digest, depth: number): Promise<RawManifest> => {
  const raw = await input.from.readManifest(ctx, digest);
  if (raw === undefined) throw new WaybillError("NOT_FOUND", `${input.from.name} has no manifest ${digest}`);
  const manifest = parseManifest(raw);
  if (manifest.kind === "image") {
    await mapLimited([manifest.config, ...manifest.layers], PARALLEL_BLOBS, (blob) => copyBlob(ctx, input, blob));
    return raw;
  }
  if (depth === MAX_NESTING)
    throw new WaybillError("LIMIT_EXCEEDED", `indexes are nested more than ${MAX_NESTING} deep at ${digest}`);
  for (const child of manifest.manifests) {
    await input.to.writeManifest(ctx, await copyContent(ctx, input, child.digest, depth + 1), undefined);
  }
  return raw;
};

const copyBlob = async (ctx: Ctx, input: CopyInput, blob: Descriptor): Promise<void> => {
  if (await input.to.hasBlob(ctx, blob.digest)) return;
  ctx.emit({ kind: "step.started", step: "copy", subject: blob.digest });
  await input.to.writeBlob(ctx, blob, input.from.readBlob(ctx, blob));
  ctx.emit({ kind: "step.finished", step: "copy", subject: blob.digest, note: blob.digest });
};
