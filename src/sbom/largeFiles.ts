/**
 * Lets one thread at a time hold a large file: a jar of 200 MB is harmless, one for each core is not. `enter` waits, which only
 * threads of their own may do.
 */
export interface LargeFiles {
  readonly enter: () => void;
  readonly leave: () => void;
}

/** Files of more bytes are large. */
export const LARGE_FILE = 48 * 1024 ** 2;

/** For a thread that reads one layer at a time and shares nothing. */
export const NO_LARGE_FILES: LargeFiles = { enter: () => undefined, leave: () => undefined };
