import type { ErrorCode } from "#core/errors.ts";
import type { LayerScan, LayerUsage } from "#sbom/layerScan.ts";
import type { LayerJob } from "#sbom/scanLayer.ts";

/** Compressed chunks of one layer that may be on their way at once. */
export const CHUNKS_AHEAD = 3;

/** What a thread that reads layers is told; `layer` is a number of the asker's choice. */
export type LayerRequest =
  | { readonly kind: "start"; readonly layer: number; readonly job: LayerJob }
  /** The next compressed bytes, whose memory goes with the message. */
  | { readonly kind: "chunk"; readonly layer: number; readonly chunk: Uint8Array }
  /** No more compressed bytes. */
  | { readonly kind: "end"; readonly layer: number }
  /** Nobody wants the rest. */
  | { readonly kind: "cancel"; readonly layer: number };

/** What it answers. */
export type LayerAnswer =
  /** One more compressed chunk may be sent. */
  | { readonly kind: "more"; readonly layer: number }
  /** Memory of a chunk that is inflated. */
  | { readonly kind: "back"; readonly layer: number; readonly memory: ArrayBuffer }
  | { readonly kind: "used"; readonly layer: number; readonly usage: LayerUsage }
  /** All of it was read and has the digest it must have. */
  | { readonly kind: "done"; readonly layer: number; readonly scan: LayerScan }
  | {
      readonly kind: "failed";
      readonly layer: number;
      readonly code: ErrorCode;
      readonly message: string;
      readonly hint: string;
    };
