import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import { WaybillError } from "#core/errors.ts";

declare const digestBrand: unique symbol;

/** `sha256:<64 lower-case hex>` or `sha512:<128 lower-case hex>` (OCI image-spec, descriptor, "Digests"). Made only by this file. */
export type Digest = string & { readonly [digestBrand]: true };

export type DigestAlgorithm = "sha256" | "sha512";

// Upper-case hex, other algorithms and other lengths are refused: one text per digest (attack 8).
const GRAMMAR = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

export const isDigest = (text: unknown): text is Digest => typeof text === "string" && GRAMMAR.test(text);

/** Throws INPUT_INVALID for anything that is not exactly a digest. */
export const parseDigest = (text: string): Digest => {
  if (!isDigest(text)) {
    throw new WaybillError("INPUT_INVALID", `not a digest: ${JSON.stringify(text.slice(0, 160))}`, {
      hint: "A digest is sha256: and 64 lower-case hex digits (or sha512: and 128).",
    });
  }
  return text;
};

export const digestAlgorithm = (digest: Digest): DigestAlgorithm =>
  digest.startsWith("sha256:") ? "sha256" : "sha512";

export const digestHex = (digest: Digest): string => digest.slice(7);

export const digestOf = (bytes: Uint8Array | string, algorithm: DigestAlgorithm = "sha256"): Digest =>
  `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}` as Digest;

export const sha256Digest = (hex: string): Digest => parseDigest(`sha256:${hex}`);

/** Incremental digest of bytes as they pass. */
export interface DigestCounter {
  readonly update: (chunk: Uint8Array) => void;
  /** Bytes seen so far. */
  readonly size: () => number;
  /** Ends the count; may be called once. */
  readonly digest: () => Digest;
}

export const countDigest = (algorithm: DigestAlgorithm = "sha256"): DigestCounter => {
  const hash: Hash = createHash(algorithm);
  let size = 0;
  return {
    update: (chunk) => {
      hash.update(chunk);
      size += chunk.byteLength;
    },
    size: () => size,
    digest: () => `${algorithm}:${hash.digest("hex")}` as Digest,
  };
};
