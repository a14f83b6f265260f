import { INFLATE_LIMITS } from "#archive/inflateLimits.ts";
import type { InflateLimits } from "#archive/inflateLimits.ts";
import { TAR_LIMITS } from "#archive/tarLimits.ts";
import type { TarLimits } from "#archive/tarLimits.ts";

/** How much of an image is read before it is refused with LIMIT_EXCEEDED (sbom.md 4.8). */
export interface ScanLimits {
  /** Of one layer. */
  readonly inflate: InflateLimits;
  readonly tar: TarLimits;
  readonly maxLayers: number;
  /** Inflated bytes of all layers. */
  readonly maxBytes: number;
  /** Entries of all layers, and files and directories of the squashed image, implied ones included. */
  readonly maxEntries: number;
  /** Characters of all names and link targets, which are in memory until the squash. */
  readonly maxNames: number;
  /** Bytes kept as evidence from all layers, versions that later layers replace included. */
  readonly maxCaptured: number;
  /** Stated gaps in the result; further ones are counted only. */
  readonly maxUnknowns: number;
  /** Layers read at once; each may hold a zstd window. */
  readonly width: number;
}

export const SCAN_LIMITS: ScanLimits = {
  inflate: INFLATE_LIMITS,
  tar: TAR_LIMITS,
  // Linux's overlayfs takes 500 lower directories, Docker 127 layers.
  maxLayers: 512,
  maxBytes: 256 * 1024 ** 3,
  // So many names take about 500 MB; an image of three million made another scanner take 12 GB (grype#1509).
  maxEntries: 1_500_000,
  maxNames: 256 * 1024 ** 2,
  maxCaptured: 512 * 1024 ** 2,
  maxUnknowns: 1000,
  width: 2,
};
