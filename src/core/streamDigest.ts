import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import type { Digest, DigestAlgorithm } from "#core/digest.ts";

/** The digest of bytes as they pass, made wherever there is time for it. */
export interface StreamDigest {
  /** Takes the next bytes, which nobody may change any more. Where the digest falls behind: resolves when more may come. */
  readonly update: (chunk: Uint8Array) => Promise<void> | undefined;
  /** Lets go of bytes that are only held; for whoever may be long in giving more. */
  readonly flush: () => Promise<void>;
  /** One that goes on from here, whatever becomes of this one. */
  readonly fork: () => StreamDigest;
  /** Of all bytes so far; nothing may come after it. */
  readonly digest: () => Promise<Digest>;
  /** Nobody wants it; without effect once there is a digest. */
  readonly discard: () => void;
}

export type StartDigest = (algorithm: DigestAlgorithm) => StreamDigest;

/** Hashes at once, on the thread that asks. */
export const hashHere: StartDigest = (algorithm) => over(algorithm, createHash(algorithm));

const over = (algorithm: DigestAlgorithm, hash: Hash): StreamDigest => ({
  update: (chunk) => {
    hash.update(chunk);
    return undefined;
  },
  flush: async () => {},
  fork: () => over(algorithm, hash.copy()),
  digest: async () => `${algorithm}:${hash.digest("hex")}` as Digest,
  discard: () => {},
});
