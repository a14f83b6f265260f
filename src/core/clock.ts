/** Time and randomness as a port, so that the core never reads them itself. */
export interface Clock {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Resolves after `ms`; rejects with an AbortError when `signal` aborts first. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Uniform in [0, 1): spreads retries, never used for secrets. */
  readonly jitter: () => number;
}
