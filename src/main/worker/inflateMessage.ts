import type { InflateJob } from "#archive/inflate.ts";
import type { ErrorCode } from "#core/errors.ts";

/** Inflated bytes go through slots of memory that both threads see: `SLOTS` of `SLOT_BYTES` for each stream. */
export const SLOT_BYTES = 256 * 1024;
export const SLOTS = 4;

/** Compressed chunks of one stream that may be on their way at once. */
export const CHUNKS_AHEAD = 3;

/** What the inflating thread is told; `stream` is a number of the asker's choice. */
export type InflateRequest =
  | { readonly kind: "start"; readonly stream: number; readonly job: InflateJob; readonly memory: SharedArrayBuffer }
  /** The next compressed bytes, whose memory goes with the message. */
  | { readonly kind: "chunk"; readonly stream: number; readonly chunk: Uint8Array }
  /** No more compressed bytes. */
  | { readonly kind: "end"; readonly stream: number }
  /** A slot was read and may be filled again. */
  | { readonly kind: "free"; readonly stream: number; readonly slot: number }
  /** Nobody wants the rest. */
  | { readonly kind: "cancel"; readonly stream: number };

/** What it answers. */
export type InflateAnswer =
  /** One more compressed chunk may be sent. */
  | { readonly kind: "more"; readonly stream: number }
  | { readonly kind: "filled"; readonly stream: number; readonly slot: number; readonly length: number }
  /** All of it was inflated and has the digest it must have. */
  | { readonly kind: "done"; readonly stream: number }
  | {
      readonly kind: "failed";
      readonly stream: number;
      readonly code: ErrorCode;
      readonly message: string;
      readonly hint: string;
    };
