import type { Descriptor, Platform } from "#core/descriptor.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { CATALOGERS } from "#sbom/catalogers.ts";
import { writeCycloneDx } from "#sbom/cyclonedx.ts";
import type { CycloneDxVersion } from "#sbom/cyclonedx/version.ts";
import { findBase } from "#sbom/findBase.ts";
import type { BaseImage } from "#sbom/findBase.ts";
import type { Package, Unknown } from "#sbom/package.ts";
import { readDistro } from "#sbom/readDistro.ts";
import type { KeptFacts } from "#sbom/readFacts.ts";
import { scanImage } from "#sbom/scanImage.ts";
import type { ScanLayer } from "#sbom/scanLayer.ts";
import { SCAN_LIMITS } from "#sbom/scanLimits.ts";
import type { ScanManner } from "#sbom/scanManner.ts";
import { nameOfImage } from "#app/nameOfImage.ts";
import { readConfig } from "#app/readConfig.ts";
import type { ResolvedImage } from "#app/resolveImage.ts";

export interface ContentInput {
  readonly image: ResolvedImage;
  readonly format: CycloneDxVersion;
  readonly manner: Omit<ScanManner, "cache">;
  /** RFC 3339; undefined takes the image's own creation time. */
  readonly timestamp: string | undefined;
  /** Of the program that scans, for the document's tools. */
  readonly version: string;
  /** Undefined takes what the image itself says of its base. */
  readonly base?: BaseImage | undefined;
}

export interface ContentDeps {
  readonly scanLayer: ScanLayer;
  /** Undefined where no cache is used. */
  readonly facts: KeptFacts | undefined;
}

/** What is in one platform image. */
export interface ContentList {
  /** CycloneDX JSON: the exact bytes to attest. */
  readonly document: Uint8Array;
  /** As its configuration says. */
  readonly platform: Platform;
  readonly packages: readonly Package[];
  readonly unknowns: readonly Unknown[];
}

/**
 * Lists what is in the layers of one platform image, in one pass over their blobs. USAGE_INVALID for an index; the errors of
 * the blobs (integrity), IMAGE_REFUSED and LIMIT_EXCEEDED for content that is hostile or damaged.
 */
export const listContent =
  (deps: ContentDeps) =>
  async (ctx: Ctx, input: ContentInput): Promise<ContentList> => {
    const { image, manner } = input;
    const { manifest, repository } = image;
    if (manifest.kind === "index")
      throw new WaybillError("USAGE_INVALID", `${image.digest} is an index of several images`);
    const config = await readConfig(ctx, repository, manifest);
    const open = (descriptor: Descriptor) => (inner: Ctx) => repository.readBlob(inner, descriptor);
    const scan = await scanImage({ catalogers: CATALOGERS, ...deps, readDistro })(ctx, {
      layers: manifest.layers.map((descriptor) => ({ descriptor, open: open(descriptor) })),
      diffIds: config.diffIds,
      history: config.history,
      labels: config.labels,
      limits: { ...SCAN_LIMITS, ...manner.limits, width: manner.jobs },
      scope: manner.scope,
    });
    const facts = {
      name: manner.name ?? nameOfImage(manifest, config.labels),
      digest: image.digest,
      platform: config.platform,
      configDigest: manifest.config.digest,
      created: input.timestamp ?? config.created,
    };
    const hints = { annotations: manifest.annotations, labels: config.labels, diffIds: config.diffIds };
    const base = input.base ?? findBase(hints);
    const document = writeCycloneDx({ ...scan, image: facts, base }, input.format, input.version);
    return { document, platform: config.platform, packages: scan.packages, unknowns: scan.unknowns };
  };
