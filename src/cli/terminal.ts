/** Where bytes go: stdout or stderr. */
export interface Output {
  /** Resolves when the bytes are taken. A reader that went away takes everything silently; a full disk is STORE_FAILED. */
  readonly write: (bytes: string | Uint8Array) => Promise<void>;
  readonly isTerminal: boolean;
  readonly columns: () => number;
}

/** The process as a command line sees it; `main` makes it from the real one, tests from memory. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly readStdin: () => AsyncIterable<Uint8Array>;
}
