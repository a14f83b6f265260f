import type { Inflate } from "#archive/inflate.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { CATALOGERS } from "#sbom/catalogers.ts";
import { writeCycloneDx } from "#sbom/cyclonedx.ts";
import type { CycloneDxVersion } from "#sbom/cyclonedx/version.ts";
import type { Package, Unknown } from "#sbom/package.ts";
import { readDistro } from "#sbom/readDistro.ts";
import { scanImage } from "#sbom/scanImage.ts";
import { SCAN_LIMITS } from "#sbom/scanLimits.ts";
import { readConfig } from "#app/readConfig.ts";
import type { ResolvedImage } from "#app/resolveImage.ts";

export interface ContentInput {
  readonly image: ResolvedImage;
  readonly format: CycloneDxVersion;
  /** Layers inflated at once. */
  readonly jobs: number;
  /** RFC 3339; undefined takes the image's own creation time. */
  readonly timestamp: string | undefined;
  /** Of the program that scans, for the document's tools. */
  readonly version: string;
}

/** What is in one platform image. */
export interface ContentList {
  /** CycloneDX JSON: the exact bytes to attest. */
  readonly document: Uint8Array;
  readonly packages: readonly Package[];
  readonly unknowns: readonly Unknown[];
}
