import type { PublicKey } from "#core/keyAlgorithm.ts";

// What is read into memory anyway: signing the bytes themselves is then OpenSSL's matter alone, and the quickest.
const SMALL = 1024 * 1024;

/** The largest file that pure Ed25519, which is over the bytes themselves, is made or checked of. */
export const MAX_PURE_MESSAGE = 128 * 1024 * 1024;

/** Up to which size a file is held in memory for these keys; larger ones are known by their digests alone. */
export const keptMessageBytes = (keys: readonly PublicKey[]): number =>
  keys.some(({ kind }) => kind === "ed25519") ? MAX_PURE_MESSAGE : SMALL;
