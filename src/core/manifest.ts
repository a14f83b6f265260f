import { readAnnotations, readDescriptor } from "#core/descriptor.ts";
import type { Descriptor } from "#core/descriptor.ts";
import { digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";

/** A manifest's bytes exactly as carried, with the digest of exactly these bytes. */
export interface RawManifest {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly digest: Digest;
  /** ETag of the answer, where the registry gave one. */
  readonly etag?: string;
}

interface ManifestFacts {
  readonly mediaType: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly subject: Descriptor | undefined;
  readonly artifactType: string | undefined;
}

export interface ImageManifest extends ManifestFacts {
  readonly kind: "image";
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

export interface IndexManifest extends ManifestFacts {
  readonly kind: "index";
  readonly manifests: readonly Descriptor[];
}

export type Manifest = ImageManifest | IndexManifest;

/** OCI distribution-spec 1.1, "Pushing manifests": registries must take 4 MiB, so nothing honest is larger. */
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

const JSON_LIMITS = { maxBytes: MAX_MANIFEST_BYTES, maxDepth: 32, maxValues: 500_000 };

export const rawManifest = (bytes: Uint8Array, mediaType: string): RawManifest => ({
  bytes,
  mediaType,
  digest: digestOf(bytes),
});

export const manifestDescriptor = (raw: RawManifest): Descriptor => ({
  mediaType: raw.mediaType,
  digest: raw.digest,
  size: raw.bytes.byteLength,
});

/**
 * Reads a manifest: exactly one shape (an image has `config` and `layers`, an index has `manifests`), and the type of the
 * header, of the body and of the shape are one (attack 7). Throws INPUT_INVALID.
 */
export const parseManifest = (raw: RawManifest): Manifest => {
  const { value, facts, where } = readDocument(raw);
  return isIndexType(facts.mediaType) ? readIndex(value, facts, where) : readImage(value, facts, where);
};

/**
 * The layers of an image one by one, each a descriptor or the reason why it is none: who may push one bad layer beside
 * good ones must not hide them. Undefined for an index; everything else is as strict as `parseManifest`.
 */
export const parseLayers = (raw: RawManifest): readonly (Descriptor | WaybillError)[] | undefined => {
  const { value, facts, where } = readDocument(raw);
  if (isIndexType(facts.mediaType)) return undefined;
  return readImageParts(value, where).layers.map((layer, at) => {
    try {
      return readLayer(layer, at, where);
    } catch (error) {
      if (hasCode(error, "INPUT_INVALID")) return error;
      throw error;
    }
  });
};

const readDocument = (raw: RawManifest) => {
  const where = `manifest ${raw.digest}`;
  const value = parseStrict(raw.bytes, where, JSON_LIMITS);
  if (!isJsonObject(value)) throw bad(where, "is not a JSON object");
  if (value["schemaVersion"] !== 2) throw bad(where, "is not of schema version 2");
  const mediaType = readMediaType(value, raw.mediaType, where);
  const facts: ManifestFacts = {
    mediaType,
    annotations: readAnnotations(value["annotations"], where) ?? {},
    subject:
      value["subject"] === undefined || value["subject"] === null
        ? undefined
        : readDescriptor(value["subject"], `${where}: subject`),
    artifactType: typeof value["artifactType"] === "string" ? value["artifactType"] : undefined,
  };
  return { value, facts, where };
};

export const isIndexType = (mediaType: string): boolean =>
  mediaType === MEDIA_TYPE.ociIndex || mediaType === MEDIA_TYPE.dockerList;

const isImageType = (mediaType: string): boolean =>
  mediaType === MEDIA_TYPE.ociManifest || mediaType === MEDIA_TYPE.dockerManifest;

const readMediaType = (value: JsonObject, carried: string, where: string): string => {
  if (!isIndexType(carried) && !isImageType(carried))
    throw bad(where, `has the unsupported media type ${JSON.stringify(carried.slice(0, 120))}`);
  const own = value["mediaType"];
  // OCI leaves the field optional; where it is, it must agree with how the manifest was announced.
  if (own !== undefined && own !== carried)
    throw bad(where, `says mediaType ${JSON.stringify(own).slice(0, 120)} but was announced as ${carried}`);
  return carried;
};

const readImage = (value: JsonObject, facts: ManifestFacts, where: string): ImageManifest => {
  const { config, layers } = readImageParts(value, where);
  return { kind: "image", ...facts, config, layers: layers.map((layer, at) => readLayer(layer, at, where)) };
};

const readImageParts = (value: JsonObject, where: string) => {
  if (value["manifests"] !== undefined) throw bad(where, "has both layers of an image and manifests of an index");
  const layers = readList(value["layers"], `${where}: layers`);
  return { config: readDescriptor(value["config"], `${where}: config`), layers };
};

const readLayer = (layer: Json, at: number, where: string): Descriptor =>
  readDescriptor(layer, `${where}: layers[${at}]`);

const readIndex = (value: JsonObject, facts: ManifestFacts, where: string): IndexManifest => {
  if (value["layers"] !== undefined || value["config"] !== undefined)
    throw bad(where, "has both manifests of an index and layers of an image");
  const manifests = readList(value["manifests"], `${where}: manifests`);
  return {
    kind: "index",
    ...facts,
    manifests: manifests.map((one, index) => readDescriptor(one, `${where}: manifests[${index}]`)),
  };
};

const readList = (value: Json | undefined, where: string): readonly Json[] => {
  if (!Array.isArray(value)) throw bad(where, "is not a list");
  return value as readonly Json[];
};

const bad = (where: string, reason: string): WaybillError => new WaybillError("INPUT_INVALID", `${where} ${reason}`);
