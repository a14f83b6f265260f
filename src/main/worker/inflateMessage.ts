import type { InflateJob } from "#archive/inflate.ts";
import type { ErrorCode } from "#core/errors.ts";

/** What the pool tells an inflating thread. */
export type InflateRequest =
  | { readonly kind: "start"; readonly job: InflateJob }
  | { readonly kind: "chunk"; readonly bytes: Uint8Array }
  | { readonly kind: "end" }
  /** A buffer that came with `plain` goes back to be filled again. */
  | { readonly kind: "buffer"; readonly buffer: ArrayBuffer };

/** What the thread answers. */
export type InflateAnswer =
  | { readonly kind: "plain"; readonly buffer: ArrayBuffer; readonly length: number }
  /** One chunk was taken out of the queue. */
  | { readonly kind: "taken" }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly code: ErrorCode; readonly message: string; readonly hint: string };
