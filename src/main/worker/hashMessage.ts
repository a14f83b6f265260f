import type { Digest, DigestAlgorithm } from "#core/digest.ts";

/** Size of a slot and how many there are in the memory that both threads see. */
export const SLOT_BYTES = 256 * 1024;
export const SLOTS = 8;

/** What the hashing thread is started with. */
export interface HashMemory {
  readonly memory: SharedArrayBuffer;
}

/** What it is told; `stream` is a number of the asker's choice. */
export type HashRequest =
  | { readonly kind: "start"; readonly stream: number; readonly algorithm: DigestAlgorithm }
  | { readonly kind: "update"; readonly stream: number; readonly slot: number; readonly length: number }
  | { readonly kind: "end"; readonly stream: number };

/** What it answers. */
export type HashAnswer =
  | { readonly kind: "free"; readonly slot: number }
  | { readonly kind: "digest"; readonly stream: number; readonly digest: Digest };
