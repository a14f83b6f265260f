/** What a fuzzing thread is started with. */
export interface FuzzOrder {
  /** URL of the target's file. */
  readonly target: string;
  readonly seed: number;
  /** For changed inputs; regressions and seeds are all run, however long that takes. */
  readonly milliseconds: number;
  readonly regressions: readonly Uint8Array[];
  /** The input under way, for the case that the thread does not come back: see `currentInput.ts`. */
  readonly shared: SharedArrayBuffer;
}

/** What the thread says at its end. */
export type FuzzOutcome =
  | { readonly kind: "done"; readonly inputs: number; readonly accepted: number }
  | { readonly kind: "failed"; readonly reason: string; readonly input: Uint8Array; readonly inputs: number };
