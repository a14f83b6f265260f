import { createHash } from "node:crypto";
import type { HashName } from "#core/keyAlgorithm.ts";

/** A digest and what it was made with. */
export interface MessageDigest {
  readonly hash: HashName;
  readonly value: Uint8Array;
}

/** Bytes that somebody signs or signed, as far as they are known after they passed. */
export interface Message {
  /** Bytes. */
  readonly size: number;
  readonly digests: ReadonlyMap<HashName, Uint8Array>;
  /** All of them where they are few enough to be kept. */
  readonly bytes: Uint8Array | undefined;
}

export interface MessageNeeds {
  readonly hashes: Iterable<HashName>;
  /** A message of up to so many bytes is kept whole. */
  readonly keep: number;
}

/** Reads a message once, whatever its size. A chunk need only be good until the next one is asked for. */
export const readMessage = async (chunks: AsyncIterable<Uint8Array>, needs: MessageNeeds): Promise<Message> => {
  const hashes = [...new Set(needs.hashes)].map((name) => [name, createHash(name)] as const);
  let kept: Uint8Array[] | undefined = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.byteLength;
    for (const [, hash] of hashes) hash.update(chunk);
    if (size > needs.keep) kept = undefined;
    else kept?.push(Uint8Array.from(chunk));
  }
  return {
    size,
    digests: new Map(hashes.map(([name, hash]) => [name, hash.digest()])),
    bytes: kept === undefined ? undefined : Buffer.concat(kept),
  };
};
