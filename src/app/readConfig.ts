import type { Ctx } from "#core/ctx.ts";
import type { Descriptor, Platform } from "#core/descriptor.ts";
import { isDigest } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import type { ImageManifest } from "#core/manifest.ts";
import type { BlobReader } from "#core/content.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";
import { readAll } from "#core/verifiedBytes.ts";

/** What an image's configuration says (OCI image-spec, "Image Configuration"). */
export interface ImageConfig {
  readonly platform: Platform;
  /** RFC 3339, as written. */
  readonly created: string | undefined;
  readonly diffIds: readonly Digest[];
  /** Steps that made the image, those without a layer included. */
  readonly history: readonly ImageStep[];
  readonly labels: Readonly<Record<string, string>>;
}

interface ImageStep {
  readonly createdBy: string | undefined;
  /** RFC 3339, as written. */
  readonly created: string | undefined;
  readonly emptyLayer: boolean;
}

// A config is a few kilobytes; buildpacks put SBOM metadata into labels, hence the room.
const MAX_CONFIG_BYTES = 16 * 1024 * 1024;

/** Reads an image's config. INPUT_INVALID for an artifact that is no container image or a config that lies about layers. */
export const readConfig = async (ctx: Ctx, blobs: BlobReader, manifest: ImageManifest): Promise<ImageConfig> => {
  const { config } = manifest;
  if (config.mediaType !== MEDIA_TYPE.ociConfig && config.mediaType !== MEDIA_TYPE.dockerConfig) {
    throw new WaybillError(
      "INPUT_INVALID",
      `not a container image: its config is of type ${config.mediaType.slice(0, 120)}`,
    );
  }
  const value = parseStrict(
    await readAll(blobs.readBlob(ctx, config), Math.min(config.size, MAX_CONFIG_BYTES), "image config"),
    `config ${config.digest}`,
  );
  if (!isJsonObject(value)) throw bad(config, "is not a JSON object");
  const diffIds = readDiffIds(value, config);
  if (diffIds.length !== manifest.layers.length) {
    throw bad(config, `names ${diffIds.length} layers, the manifest has ${manifest.layers.length}`);
  }
  return {
    platform: {
      os: text(value["os"]) ?? "unknown",
      architecture: text(value["architecture"]) ?? "unknown",
      ...(text(value["variant"]) === undefined ? {} : { variant: text(value["variant"]) as string }),
    },
    created: text(value["created"]),
    diffIds,
    history: readHistory(value["history"]),
    labels: readLabels(value["config"]),
  };
};

const readDiffIds = (value: JsonObject, config: Descriptor): readonly Digest[] => {
  const rootfs = value["rootfs"];
  const list = isJsonObject(rootfs) ? rootfs["diff_ids"] : undefined;
  if (!Array.isArray(list)) throw bad(config, "has no rootfs.diff_ids");
  if (!list.every(isDigest)) throw bad(config, "has a rootfs.diff_ids entry that is not a digest");
  return list;
};

const readHistory = (value: Json | undefined): ImageConfig["history"] => {
  const steps = Array.isArray(value) ? (value as readonly Json[]).filter(isJsonObject) : [];
  return steps.map((step) => ({
    createdBy: text(step["created_by"]),
    created: text(step["created"]),
    emptyLayer: step["empty_layer"] === true,
  }));
};

const readLabels = (config: Json | undefined): ImageConfig["labels"] => {
  const labels = isJsonObject(config) ? config["Labels"] : undefined;
  const pairs = isJsonObject(labels) ? Object.entries(labels) : [];
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => typeof pair[1] === "string"));
};

const text = (value: Json | undefined): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

const bad = (config: Descriptor, reason: string): WaybillError =>
  new WaybillError("INPUT_INVALID", `config ${config.digest} ${reason}`);
