import { decodeBase64, encodeBase64 } from "#claims/base64.ts";
import type { Candidate, Found } from "#claims/claim.ts";
import { readEnvelope } from "#claims/dsse.ts";
import { sortedMap, writeGoJson } from "#claims/goJson.ts";
import type { GoJson } from "#claims/goJson.ts";
import { CERTIFICATE, readLegacyProofs } from "#claims/legacyProofs.ts";
import type { Descriptor } from "#core/descriptor.ts";
import { digestAlgorithm, digestHex, digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import { parseLayers, parseManifest, rawManifest } from "#core/manifest.ts";
import type { ImageManifest, RawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { parseStrict } from "#core/strictJson.ts";
import type { JsonObject } from "#core/strictJson.ts";

/** Suffixes of cosign's tags that hold papers (cosign.md 1.1). */
export type LegacySuffix = "sig" | "att" | "sbom";

const SIGNATURE = "dev.cosignproject.cosign/signature";
// cosign's own limit; a reader of cosign's refuses the whole tag beyond it (cosign.md 1.5).
const MAX_LAYERS = 1000;

/** A layer and the blob it describes. */
export interface LegacyPaper {
  readonly layer: Descriptor;
  readonly bytes: Uint8Array;
}

/** A layer of the wanted kind; `position` counts all layers of the image. */
export interface LegacyLayer extends Descriptor {
  readonly position: number;
}

/** A blob with what it must be written as. */
export interface ConfigBlob {
  readonly digest: Digest;
  readonly size: number;
  readonly bytes: Uint8Array;
}

/** `sha256-<hex>.<suffix>` */
export const legacyTag = (digest: Digest, suffix: LegacySuffix): string =>
  `${digestAlgorithm(digest)}-${digestHex(digest)}.${suffix}`;

const layerType = (suffix: "sig" | "att"): string =>
  suffix === "sig" ? MEDIA_TYPE.simpleSigning : MEDIA_TYPE.dsseEnvelope;

/** What a `.sig` or `.att` image holds of its kind. */
export interface LegacyImage {
  /** The first 1000. */
  readonly layers: readonly LegacyLayer[];
  /** Layers that are no descriptors: nobody knows what they were to be. */
  readonly broken: readonly { readonly position: number; readonly reason: string }[];
  /** LIMIT_EXCEEDED where there are more layers, at which nobody looks. */
  readonly beyond: WaybillError | undefined;
}

/**
 * The layers of a `.sig` or `.att` image that are of its kind to the letter; cosign takes any type (cosign.md 11.8). Each
 * is read for itself: a bad or superfluous one hides no good one. Throws INPUT_INVALID for an index or where there are
 * layers but none of the kind.
 */
export const readLegacyImage = (raw: RawManifest, suffix: "sig" | "att"): LegacyImage => {
  const all = (parseLayers(raw) ?? refuseIndex(raw)).map((layer, position) => ({ layer, position }));
  const broken = all.flatMap(({ layer, position }) =>
    layer instanceof WaybillError ? [{ position, reason: layer.message }] : [],
  );
  const whole = all.flatMap(({ layer, position }) => (layer instanceof WaybillError ? [] : [{ ...layer, position }]));
  const wanted = layerType(suffix);
  const layers = whole.filter(({ mediaType }) => mediaType === wanted);
  if (layers.length === 0 && broken.length === 0 && whole.length > 0) {
    const found = JSON.stringify(whole[0]?.mediaType.slice(0, 120));
    throw new WaybillError(
      "INPUT_INVALID",
      `manifest ${raw.digest} under a .${suffix} tag holds ${found}, not ${wanted}`,
    );
  }
  return {
    layers: layers.slice(0, MAX_LAYERS),
    broken: broken.slice(0, MAX_LAYERS),
    beyond: layers.length > MAX_LAYERS ? tooMany(raw, layers.length) : undefined,
  };
};

/** All layers, of whatever kind; INPUT_INVALID where the tag holds an index. */
export const readLegacyLayers = (raw: RawManifest): readonly Descriptor[] => readImage(raw).layers;

const readImage = (raw: RawManifest): ImageManifest => {
  const manifest = parseManifest(raw);
  return manifest.kind === "image" ? manifest : refuseIndex(raw);
};

const refuseIndex = (raw: RawManifest): never => {
  throw new WaybillError(
    "INPUT_INVALID",
    `manifest ${raw.digest}: a tag of papers holds an index; it must hold an image`,
  );
};

/** The layer of a signature over a simple-signing payload (cosign.md 1.5). */
export const signatureLayer = (payload: Uint8Array, signature: Uint8Array): LegacyPaper =>
  paper(MEDIA_TYPE.simpleSigning, payload, { [SIGNATURE]: encodeBase64(signature) });

/** The layer of an attestation; cosign wants the signature's annotation there, too, and leaves it empty. */
export const attestationLayer = (envelope: Uint8Array, predicateType: string): LegacyPaper =>
  paper(MEDIA_TYPE.dsseEnvelope, envelope, { [SIGNATURE]: "", predicateType });

const paper = (mediaType: string, bytes: Uint8Array, annotations: Readonly<Record<string, string>>): LegacyPaper => ({
  layer: { mediaType, size: bytes.byteLength, digest: digestOf(bytes), annotations },
  bytes,
});

/** The claim in a layer's blob, whose digest and size the store has checked. A paper that cannot be read is a value. */
export const claimFromLegacyLayer = (
  found: Found,
  layer: Pick<Descriptor, "annotations">,
  bytes: Uint8Array,
  suffix: "sig" | "att",
): Candidate => {
  try {
    const carried = readLegacyProofs(layer.annotations);
    const material = {
      material: layer.annotations?.[CERTIFICATE] ? "certificate" : "none",
      ...(carried === undefined ? {} : { carried }),
    } as const;
    if (suffix === "att") return { kind: "dsse", found, envelope: readEnvelope(bytes), ...material, bytes };
    const signature = readSignature(layer);
    return { kind: "simple-signing", found, payload: bytes, signature, ...material };
  } catch (error) {
    if (!hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED")) throw error;
    return { kind: "unreadable", found, reason: error.message };
  }
};

const readSignature = ({ annotations }: Pick<Descriptor, "annotations">): Uint8Array => {
  const text = annotations?.[SIGNATURE];
  // Only the standard alphabet, as cosign: this annotation never passes through protojson.
  const signature = text === undefined || text === "" ? undefined : decodeBase64(text);
  if (signature !== undefined) return signature;
  const reason = text === undefined ? "is missing" : text === "" ? "is empty" : "is not base64";
  throw new WaybillError("INPUT_INVALID", `the layer's annotation ${SIGNATURE} ${reason}`);
};

const NEW_TYPES = {
  oci: { manifest: MEDIA_TYPE.ociManifest, config: MEDIA_TYPE.ociConfig },
  docker: { manifest: MEDIA_TYPE.dockerManifest, config: MEDIA_TYPE.dockerConfig },
} as const;

/**
 * The image with layers added at its end: manifest and config as cosign writes them, byte for byte (cosign.md 1.3, 1.4).
 * What is there already keeps its media types, descriptors with all their fields, annotations and order; a new one is OCI's
 * unless `types` says docker's, for registries that know nothing else (COSIGN_DOCKER_MEDIA_TYPES).
 */
export const appendLegacyLayers = (
  current: RawManifest | undefined,
  layers: readonly Descriptor[],
  types: "oci" | "docker" = "oci",
): { readonly manifest: RawManifest; readonly config: ConfigBlob } => {
  const there = current === undefined ? undefined : readImage(current);
  const digests = [...(there?.layers ?? []), ...layers].map(({ digest }) => digest);
  if (current !== undefined && digests.length > MAX_LAYERS) throw tooMany(current, digests.length);
  const config = configBlob(digests);
  const fresh = NEW_TYPES[types];
  const mediaType = there?.mediaType ?? fresh.manifest;
  const { schemaVersion: _, mediaType: __, config: ___, layers: kept = [], ...rest } = membersOf(current);
  const bytes = writeGoJson({
    schemaVersion: 2,
    mediaType,
    config: { mediaType: there?.config.mediaType ?? fresh.config, size: config.size, digest: config.digest },
    layers: [...(kept as readonly GoJson[]), ...layers.map(layerJson)],
    ...(rest as Readonly<Record<string, GoJson>>),
  });
  return { manifest: rawManifest(bytes, mediaType), config };
};

/** The image without layers of the given digests, written as `appendLegacyLayers` does; undefined where it has none of them. */
export const dropLegacyLayers = (
  current: RawManifest,
  dropped: ReadonlySet<Digest>,
): { readonly manifest: RawManifest; readonly config: ConfigBlob } | undefined => {
  const there = readImage(current);
  const stays = there.layers.map(({ digest }) => !dropped.has(digest));
  if (!stays.includes(false)) return undefined;
  const config = configBlob(there.layers.filter((_, at) => stays[at]).map(({ digest }) => digest));
  const { schemaVersion: _, mediaType: __, config: ___, layers: kept = [], ...rest } = membersOf(current);
  const bytes = writeGoJson({
    schemaVersion: 2,
    mediaType: there.mediaType,
    config: { mediaType: there.config.mediaType, size: config.size, digest: config.digest },
    layers: (kept as readonly GoJson[]).filter((__, at) => stays[at]),
    ...(rest as Readonly<Record<string, GoJson>>),
  });
  return { manifest: rawManifest(bytes, there.mediaType), config };
};

const membersOf = (raw: RawManifest | undefined): JsonObject =>
  raw === undefined ? {} : (parseStrict(raw.bytes, `manifest ${raw.digest}`) as JsonObject);

const layerJson = ({ mediaType, size, digest, annotations }: Descriptor): GoJson => ({
  mediaType,
  size,
  digest,
  annotations: annotations === undefined ? undefined : sortedMap(annotations),
});

const EPOCH = "0001-01-01T00:00:00Z";

const configBlob = (digests: readonly Digest[]): ConfigBlob => {
  const bytes = writeGoJson({
    architecture: "",
    created: EPOCH,
    history: digests.map(() => ({ created: EPOCH })),
    os: "",
    // Layers are stored as they are, so a layer's diff ID is its digest.
    rootfs: { type: "layers", diff_ids: digests },
    config: {},
  });
  return { digest: digestOf(bytes), size: bytes.byteLength, bytes };
};

const tooMany = (raw: RawManifest, count: number): WaybillError =>
  new WaybillError("LIMIT_EXCEEDED", `manifest ${raw.digest}: ${count} layers of papers, the limit is ${MAX_LAYERS}`);
