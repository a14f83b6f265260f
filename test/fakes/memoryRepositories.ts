import type { Repositories, Repository } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import { digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { rawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { createMemoryRepository } from "./memoryRepository.ts";

type MemoryRepository = ReturnType<typeof createMemoryRepository>;

/** Repositories by `registry/repository`, made when first asked for. `wrap` may damage what a use case sees. */
export const createMemoryRepositories = (
  wrap: (repository: MemoryRepository) => Repository = (repository) => repository,
): Repositories & { readonly at: (name: string) => MemoryRepository } => {
  const all = new Map<string, MemoryRepository>();
  const at = (name: string): MemoryRepository => {
    const known = all.get(name) ?? createMemoryRepository(name);
    all.set(name, known);
    return known;
  };
  return {
    at,
    open: async (_, reference) =>
      wrap(at(reference.kind === "layout" ? reference.path : `${reference.registry}/${reference.repository}`)),
  };
};

/** Pushes a small image whose one layer is `text`. */
export const pushImage = async (
  ctx: Ctx,
  repository: Repository,
  tag: string | undefined,
  text: string,
): Promise<Digest> => {
  const layer = Buffer.from(text);
  const config = Buffer.from(
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      created: "2024-01-01T00:00:00Z",
      rootfs: { type: "layers", diff_ids: [digestOf(layer)] },
    }),
  );
  for (const bytes of [layer, config])
    await repository.writeBlob(ctx, { digest: digestOf(bytes), size: bytes.length }, bytes);
  const manifest = rawManifest(
    Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MEDIA_TYPE.ociManifest,
        config: { mediaType: MEDIA_TYPE.ociConfig, digest: digestOf(config), size: config.length },
        layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar", digest: digestOf(layer), size: layer.length }],
      }),
    ),
    MEDIA_TYPE.ociManifest,
  );
  await repository.writeManifest(ctx, manifest, tag);
  return manifest.digest;
};

/** Pushes an index of images and, as BuildKit does, one attestation child of an unknown platform. */
export const pushIndex = async (
  ctx: Ctx,
  repository: Repository,
  tag: string,
  images: readonly Digest[],
  attestation: Digest,
): Promise<Digest> => {
  const sizeOf = async (digest: Digest): Promise<number> =>
    (await repository.readManifest(ctx, digest))?.bytes.byteLength ?? 0;
  const child = async (digest: Digest, platform: object, annotations: object = {}) => ({
    mediaType: MEDIA_TYPE.ociManifest,
    digest,
    size: await sizeOf(digest),
    platform,
    annotations,
  });
  const architectures = ["amd64", "arm64", "s390x"];
  const index = rawManifest(
    Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MEDIA_TYPE.ociIndex,
        manifests: await Promise.all([
          ...images.map((digest, at) => child(digest, { os: "linux", architecture: architectures[at] })),
          child(
            attestation,
            { os: "unknown", architecture: "unknown" },
            { "vnd.docker.reference.type": "attestation-manifest" },
          ),
        ]),
      }),
    ),
    MEDIA_TYPE.ociIndex,
  );
  await repository.writeManifest(ctx, index, tag);
  return index.digest;
};
