import { writeGzip } from "#archive/writeGzip.ts";
import { writeTar } from "#archive/writeTar.ts";
import type { TarSource } from "#archive/tarSource.ts";
import type { BlobWriter, ManifestWriter } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Descriptor, Platform } from "#core/descriptor.ts";
import { countDigest, digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { mapLimited } from "#core/limit.ts";
import { rawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";

/** One layer to be: what made it (for the history), and what is in it. */
export interface LayerSource {
  readonly comment: string;
  readonly entries: readonly TarSource[];
}

/** What a container engine is told: OCI image-spec, "config". */
export interface ImageSettings {
  readonly entrypoint: readonly string[];
  readonly env: readonly string[];
  readonly workingDir: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** RFC 3339; the caller's, so that the same content gives the same digest. */
  readonly created: string;
}

export interface BuildInput {
  readonly layers: readonly LayerSource[];
  readonly settings: ImageSettings;
  readonly platform: Platform;
  readonly tag: string;
}

export interface BuiltImage {
  readonly digest: Digest;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

interface BuiltLayer {
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
}

// Two threads of compression keep a small machine busy, and only two layers are in memory at once.
const LAYERS_AT_ONCE = 2;
// The content is a hundred megabytes of programs for a loopback registry: level 6 takes three times as long for a tenth less.
const GZIP_LEVEL = 1;

/**
 * Builds an OCI image of these files and pushes it under `tag`: layers first, then config, then manifest. A layer is held
 * compressed in memory until its digest is known, since a blob is announced by digest.
 */
export const buildImage = async (
  deps: { readonly repository: BlobWriter & ManifestWriter },
  ctx: Ctx,
  input: BuildInput,
): Promise<BuiltImage> => {
  const layers = await mapLimited(input.layers, LAYERS_AT_ONCE, (layer) => pushLayer(deps.repository, ctx, layer));
  const configBytes = writeConfig(input, layers);
  const config = describe(MEDIA_TYPE.ociConfig, configBytes);
  await deps.repository.writeBlob(ctx, config, configBytes);
  const descriptors = layers.map((layer) => layer.descriptor);
  const manifest = rawManifest(
    toJson({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config, layers: descriptors }),
    MEDIA_TYPE.ociManifest,
  );
  await deps.repository.writeManifest(ctx, manifest, input.tag);
  return { digest: manifest.digest, config, layers: descriptors };
};

const pushLayer = async (repository: BlobWriter, ctx: Ctx, layer: LayerSource): Promise<BuiltLayer> => {
  ctx.emit({ kind: "step.started", step: layer.comment, subject: "packing" });
  const plain = countDigest();
  const packed = countDigest();
  const chunks: Uint8Array[] = [];
  for await (const chunk of writeGzip(counted(writeTar(layer.entries), plain.update), GZIP_LEVEL)) {
    ctx.signal.throwIfAborted();
    packed.update(chunk);
    chunks.push(chunk);
  }
  const descriptor = { mediaType: MEDIA_TYPE.ociLayerGzip, size: packed.size(), digest: packed.digest() };
  await repository.writeBlob(ctx, descriptor, replay(chunks));
  const packedSize = `${(descriptor.size / 1e6).toFixed(1)} MB compressed`;
  ctx.emit({ kind: "step.finished", step: layer.comment, subject: "packing", note: packedSize });
  return { descriptor, diffId: plain.digest() };
};

async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  update: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    update(chunk);
    yield chunk;
  }
}

async function* replay(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

/** OCI image-spec, "Image Configuration": diff_ids in layer order, one history line for each. */
const writeConfig = (input: BuildInput, layers: readonly BuiltLayer[]): Buffer => {
  const { settings, platform } = input;
  return toJson({
    created: settings.created,
    ...platform,
    config: {
      Env: settings.env,
      Entrypoint: settings.entrypoint,
      WorkingDir: settings.workingDir,
      ...(settings.labels === undefined ? {} : { Labels: settings.labels }),
    },
    rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.diffId) },
    history: input.layers.map((layer) => ({ created: settings.created, created_by: layer.comment })),
  });
};

const describe = (mediaType: string, bytes: Uint8Array): Descriptor => ({
  mediaType,
  size: bytes.byteLength,
  digest: digestOf(bytes),
});

const toJson = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
