import { findCompression, MAGIC_BYTES } from "#archive/compression.ts";
import { parseLayoutIndex } from "#archive/ociLayout.ts";
import type { LayoutIndex } from "#archive/ociLayout.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Descriptor } from "#core/descriptor.ts";
import { countDigest, digestOf, isDigest } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { manifestDescriptor, rawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { isTag } from "#core/reference.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { Json } from "#core/strictJson.ts";
import type { ArchivedBlob, TarFile, TarSpan } from "#registry/archive/tarFile.ts";

// docker save before version 25, and podman save: manifest.json lists images by config and layers (airgap.md 2.3). The image's
// manifest, whose digest was signed, is not in it; what stands in its place is made here, as containerd does on import.

export interface DockerArchive {
  readonly index: LayoutIndex;
  readonly blobs: ReadonlyMap<Digest, ArchivedBlob>;
}

interface DockerImage {
  readonly config: string;
  readonly layers: readonly string[];
  readonly tags: readonly string[];
}

const MAX_LIST_BYTES = 20 * 1024 * 1024;
const MAX_CONFIG_BYTES = 4 * 1024 * 1024;
const LAYER_TYPE = { none: "tar", gzip: "tar+gzip", zstd: "tar+zstd" } as const;

/** Undefined where there is no manifest.json; INPUT_INVALID, IMAGE_REFUSED for one that does not fit the archive. */
export const readDockerArchive = async (ctx: Ctx, tar: TarFile, path: string): Promise<DockerArchive | undefined> => {
  const list = await tar.readWhole("manifest.json", MAX_LIST_BYTES);
  if (list === undefined) return undefined;
  const blobs = new Map<Digest, ArchivedBlob>();
  const manifests: object[] = [];
  for (const image of readImages(list, path)) {
    const manifest = await makeManifest(ctx, tar, path, image, blobs);
    ctx.log(
      "warn",
      `a docker archive holds no manifests: ${manifest.digest} was made for it, and is not the digest signed`,
      {
        archive: path,
      },
    );
    const names = image.tags.length === 0 ? [undefined] : image.tags;
    for (const name of names)
      manifests.push({
        ...manifest,
        ...(name === undefined ? {} : { annotations: { "org.opencontainers.image.ref.name": name } }),
      });
  }
  const index = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests }));
  return { index: parseLayoutIndex(index, `${path}: manifest.json`), blobs };
};

const makeManifest = async (
  ctx: Ctx,
  tar: TarFile,
  path: string,
  image: DockerImage,
  blobs: Map<Digest, ArchivedBlob>,
): Promise<Descriptor> => {
  const config = await tar.readWhole(image.config, MAX_CONFIG_BYTES);
  if (config === undefined) throw missing(path, image.config);
  const diffIds = readDiffIds(config, path);
  if (diffIds.length !== image.layers.length)
    throw new WaybillError("IMAGE_REFUSED", `${path}: ${image.config} has not as many layers as manifest.json says`);
  const layers: Descriptor[] = [];
  for (const [at, name] of image.layers.entries()) {
    const span = tar.find(name);
    if (span === undefined) throw missing(path, name);
    const layer = await describeLayer(ctx, tar, path, span, diffIds[at]);
    blobs.set(layer.digest, span);
    layers.push(layer);
  }
  const digest = digestOf(config);
  blobs.set(digest, config);
  const body = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.ociManifest,
    config: { mediaType: MEDIA_TYPE.ociConfig, digest, size: config.byteLength },
    layers,
  };
  const raw = rawManifest(Buffer.from(JSON.stringify(body)), MEDIA_TYPE.ociManifest);
  blobs.set(raw.digest, raw.bytes);
  return manifestDescriptor(raw);
};

/** A plain layer has the digest that the config names, which whoever reads it checks; a compressed one is hashed. */
const describeLayer = async (
  ctx: Ctx,
  tar: TarFile,
  path: string,
  span: TarSpan,
  diffId: Digest | undefined,
): Promise<Descriptor> => {
  const head = Buffer.concat(await Array.fromAsync(tar.readSpan(span, 0, MAGIC_BYTES)));
  const compression = findCompression(head);
  if (compression === "unknown") throw new WaybillError("IMAGE_REFUSED", `${path}: a layer has an unknown compression`);
  const mediaType = `application/vnd.oci.image.layer.v1.${LAYER_TYPE[compression]}`;
  if (compression === "none" && diffId !== undefined) return { mediaType, digest: diffId, size: span.size };
  const counter = countDigest();
  for await (const chunk of tar.readSpan(span, 0, span.size)) {
    ctx.signal.throwIfAborted();
    counter.update(chunk);
  }
  return { mediaType, digest: counter.digest(), size: span.size };
};

const readDiffIds = (config: Uint8Array, path: string): readonly Digest[] => {
  const value = parseStrict(config, `${path}: an image's config`);
  const rootfs = isJsonObject(value) ? value["rootfs"] : undefined;
  const diffIds = isJsonObject(rootfs) ? rootfs["diff_ids"] : undefined;
  if (Array.isArray(diffIds) && diffIds.every((one) => isDigest(one))) return diffIds as readonly Digest[];
  throw new WaybillError("IMAGE_REFUSED", `${path}: an image's config names no layers`);
};

const readImages = (bytes: Uint8Array, path: string): readonly DockerImage[] => {
  const where = `${path}: manifest.json`;
  const value = parseStrict(bytes, where);
  if (!Array.isArray(value)) throw new WaybillError("INPUT_INVALID", `${where} is not a list of images`);
  return (value as readonly Json[]).map((one) => {
    const config = isJsonObject(one) ? one["Config"] : undefined;
    const layers = isJsonObject(one) ? (one["Layers"] ?? []) : undefined;
    const names = isJsonObject(one) ? (one["RepoTags"] ?? []) : undefined;
    if (typeof config !== "string" || !isTexts(layers) || !isTexts(names))
      throw new WaybillError("INPUT_INVALID", `${where} describes an image without Config and Layers`);
    const tags = names.map((name) => name.slice(name.lastIndexOf(":") + 1)).filter(isTag);
    return { config, layers, tags: [...new Set(tags)] };
  });
};

const isTexts = (value: Json | undefined): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === "string");

const missing = (path: string, name: string): WaybillError =>
  new WaybillError(
    "IMAGE_REFUSED",
    `${path}: manifest.json names ${JSON.stringify(name.slice(0, 200))}, which is not there`,
  );
