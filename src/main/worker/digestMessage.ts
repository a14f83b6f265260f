import type { DigestAlgorithm } from "#core/digest.ts";

/** Bytes go over in slots of memory that both threads see: `SLOTS` of `SLOT_BYTES`, for all streams of one thread. */
export const SLOT_BYTES = 512 * 1024;
export const SLOTS = 4;

/** What the hashing thread is told, in order; `stream` is a number of the asker's choice. */
export type DigestRequest =
  | { readonly kind: "start"; readonly stream: number; readonly algorithm: DigestAlgorithm }
  | { readonly kind: "update"; readonly stream: number; readonly slot: number; readonly length: number }
  /** A second stream that goes on from where the first is now. */
  | { readonly kind: "fork"; readonly stream: number; readonly as: number }
  | { readonly kind: "end"; readonly stream: number }
  /** Nobody wants to know. */
  | { readonly kind: "drop"; readonly stream: number };

/** What it answers. */
export type DigestAnswer =
  /** A slot was read and may be filled again. */
  | { readonly kind: "free"; readonly slot: number }
  | { readonly kind: "digest"; readonly stream: number; readonly hex: string };
