import type { Capture } from "#sbom/captureEntry.ts";
import type { EntryList } from "#sbom/entryList.ts";

/** A file of a layer that some cataloger wanted. */
export interface FileCapture {
  /** Of the file's entry. */
  readonly ordinal: number;
  readonly size: number;
  readonly mode: number;
  /** At most one of each cataloger. */
  readonly kept: readonly Capture[];
}

/** What a layer takes of an image's limits. */
export interface LayerUsage {
  /** Inflated. */
  readonly bytes: number;
  readonly entries: number;
  /** Characters of names and link targets. */
  readonly names: number;
  /** Bytes that catalogers kept. */
  readonly captured: number;
}

/**
 * One layer after it was read once. It depends on nothing but the layer's bytes, the catalogers and the limits: not on the
 * image, nor on the layer's place in it.
 */
export interface LayerScan {
  readonly entries: EntryList;
  readonly captures: readonly FileCapture[];
  /** What the archive holds and was left out. */
  readonly gaps: readonly { readonly path: string; readonly reason: string }[];
  readonly usage: LayerUsage;
}

export const NO_USAGE: LayerUsage = { bytes: 0, entries: 0, names: 0, captured: 0 };
