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
  /** Entries of all layers. */
  readonly maxEntries: number;
  /** Directories (implied ones included), links, and files that a cataloger wants or a link leads to, of the squashed image. */
  readonly maxNodes: number;
  /** Characters of all names and link targets, which are in memory until the squash. */
  readonly maxNames: number;
  /** Bytes kept as evidence from all layers, versions that later layers replace included. */
  readonly maxCaptured: number;
  /** Stated gaps in the result; further ones are counted only. */
  readonly maxUnknowns: number;
  /** Layers read at once; each may hold a zstd window. The result does not depend on it. */
  readonly width: number;
}

export const SCAN_LIMITS: ScanLimits = {
  inflate: INFLATE_LIMITS,
  tar: TAR_LIMITS,
  // Linux's overlayfs takes 500 lower directories, Docker 127 layers.
  maxLayers: 512,
  maxBytes: 256 * 1024 ** 3,
  // An image of three million made another scanner take 12 GB (grype#1509); here an entry takes some twenty bytes.
  maxEntries: 6_000_000,
  // Each takes some two hundred bytes.
  maxNodes: 1_000_000,
  maxNames: 256 * 1024 ** 2,
  maxCaptured: 256 * 1024 ** 2,
  maxUnknowns: 1000,
  width: 2,
};
