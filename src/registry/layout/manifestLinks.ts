import { readDescriptor, readAnnotations } from "#core/descriptor.ts";
import type { Descriptor } from "#core/descriptor.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { isIndexType, MAX_MANIFEST_BYTES, manifestDescriptor } from "#core/manifest.ts";
import type { RawManifest } from "#core/manifest.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";

/** What a store must know of a manifest: whom it refers to and what it consists of. */
export interface ManifestLinks {
  readonly subject: Digest | undefined;
  /** As the referrers API lists it: artifactType and annotations are the manifest's own (distribution-spec 1.1). */
  readonly referrer: Descriptor;
  /** Manifests of an index. */
  readonly children: readonly Descriptor[];
  /** Config and layers that must be in the same repository; those with `urls` may lie elsewhere. */
  readonly blobs: readonly Descriptor[];
}

const LIMITS = { maxBytes: MAX_MANIFEST_BYTES, maxDepth: 32, maxValues: 500_000 };

/**
 * Reads no more than a store needs, of manifests of any media type: a store carries what its readers may refuse. Throws
 * INPUT_INVALID for what is not a JSON object of one meaning, or whose links are not descriptors.
 */
export const readManifestLinks = (raw: RawManifest): ManifestLinks => {
  const where = `manifest ${raw.digest}`;
  const value = parseStrict(raw.bytes, where, LIMITS);
  if (!isJsonObject(value)) throw new WaybillError("INPUT_INVALID", `${where}: is not a JSON object`);
  checkOwnType(value, raw.mediaType, where);
  const config = value["config"] === undefined ? undefined : readDescriptor(value["config"], `${where}: config`);
  const layers = readList(value["layers"], `${where}: layers`);
  const subject = value["subject"] ?? undefined;
  return {
    subject: subject === undefined ? undefined : readDescriptor(subject, `${where}: subject`).digest,
    referrer: referrer(raw, value, config, where),
    children: readList(value["manifests"], `${where}: manifests`),
    blobs: [...(config === undefined ? [] : [config]), ...layers].filter((blob) => blob.urls === undefined),
  };
};

const referrer = (raw: RawManifest, value: JsonObject, config: Descriptor | undefined, where: string): Descriptor => {
  const own = value["artifactType"];
  const named = typeof own === "string" && own !== "" ? own : undefined;
  const artifactType = named ?? (isIndexType(raw.mediaType) ? undefined : config?.mediaType);
  const annotations = readAnnotations(value["annotations"], where);
  return {
    ...manifestDescriptor(raw),
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations === undefined ? {} : { annotations }),
  };
};

/** Attack 7: one manifest, one type. OCI leaves the field out of the body, or it says what the Content-Type says. */
const checkOwnType = (value: JsonObject, announced: string, where: string): void => {
  const own = value["mediaType"];
  if (own !== undefined && own !== announced)
    throw new WaybillError("INPUT_INVALID", `${where}: its mediaType is not ${announced}, as which it was announced`);
  const image = value["config"] !== undefined || value["layers"] !== undefined;
  if (image && value["manifests"] !== undefined)
    throw new WaybillError("INPUT_INVALID", `${where}: is both an image and an index`);
};

const readList = (value: Json | undefined, where: string): readonly Descriptor[] => {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new WaybillError("INPUT_INVALID", `${where}: is not a list`);
  return (value as readonly Json[]).map((one, at) => readDescriptor(one, `${where}[${at}]`));
};
