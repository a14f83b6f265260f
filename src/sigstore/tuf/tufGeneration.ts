import { decodeBase64, encodeBase64 } from "#claims/base64.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { Json } from "#core/strictJson.ts";
import { badMetadata } from "#sigstore/tuf/badMetadata.ts";
import type { TufSet, TufSetBytes } from "#sigstore/tuf/tufSet.ts";

/** What the name of a kept set says: enough to tell which of two is the newer. */
export interface TufGeneration {
  readonly root: number;
  readonly timestamp: number;
  /** When a mirror was last asked, milliseconds since the epoch. */
  readonly fetchedAt: number;
}

const NAME = /^generation-(\d{1,16})-(\d{1,16})-(\d{1,16})\.json$/;

export const generationName = ({ root, timestamp, fetchedAt }: TufGeneration): string =>
  `generation-${root}-${timestamp}-${fetchedAt}.json`;

export const parseGenerationName = (name: string): TufGeneration | undefined => {
  const [, root, timestamp, fetchedAt] = NAME.exec(name) ?? [];
  return root === undefined
    ? undefined
    : { root: Number(root), timestamp: Number(timestamp), fetchedAt: Number(fetchedAt) };
};

/**
 * Negative where `left` is the older. The root goes first: a timestamp may fall back when a new root names new signers, and
 * not otherwise.
 */
export const compareGenerations = (left: TufGeneration, right: TufGeneration): number =>
  left.root - right.root || left.timestamp - right.timestamp || left.fetchedAt - right.fetchedAt;

/** A set as one file holds it: there is no moment at which a reader could see half of one and half of another. */
export const formatTufSet = (set: TufSet): Uint8Array =>
  Buffer.from(
    JSON.stringify({
      roots: set.roots.map(({ bytes }) => encodeBase64(bytes)),
      timestamp: encodeBase64(set.timestamp.bytes),
      snapshot: encodeBase64(set.snapshot.bytes),
      targets: encodeBase64(set.targets.bytes),
    }),
  );

/** The opposite; nothing is verified. INPUT_INVALID, LIMIT_EXCEEDED or TRUST_INVALID. */
export const parseTufSet = (bytes: Uint8Array, what: string): TufSetBytes => {
  const document = parseStrict(bytes, what);
  const { roots, timestamp, snapshot, targets } = isJsonObject(document) ? document : {};
  const decode = (value: Json | undefined): Uint8Array => {
    const decoded = typeof value === "string" ? decodeBase64(value) : undefined;
    if (decoded === undefined) throw badMetadata(what, "is damaged");
    return decoded;
  };
  return {
    roots: Array.isArray(roots) ? (roots as readonly Json[]).map(decode) : [],
    timestamp: decode(timestamp),
    snapshot: decode(snapshot),
    targets: decode(targets),
  };
};
