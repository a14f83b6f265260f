import { createHash } from "node:crypto";
import { isJsonObject } from "#core/strictJson.ts";
import type { Json } from "#core/strictJson.ts";
import { badMetadata } from "#sigstore/tuf/badMetadata.ts";

/** What metadata says of the bytes of another file. */
export interface FileDescription {
  readonly length: number | undefined;
  /** Hex; sha256 goes first. */
  readonly hashes: ReadonlyMap<"sha256" | "sha512", string>;
}

const HEX_DIGITS = { sha256: 64, sha512: 128 } as const;

/** Reads `length` and `hashes`; hashes of other kinds are left out. TRUST_INVALID where those that are known are none. */
export const readFileDescription = (value: Json | undefined, what: string): FileDescription => {
  const { length, hashes = {} } = isJsonObject(value) ? value : {};
  if (length !== undefined && (typeof length !== "number" || !Number.isSafeInteger(length) || length < 0))
    throw badMetadata(what, "has a length that is none");
  if (!isJsonObject(hashes)) throw badMetadata(what, "has hashes that are none");
  const known = (["sha256", "sha512"] as const).flatMap((name) => {
    const hex = hashes[name];
    if (hex === undefined) return [];
    // It becomes a part of a path, which nothing but hex may be (CVE-2026-24137).
    if (typeof hex !== "string" || hex.length !== HEX_DIGITS[name] || !/^[0-9a-f]+$/.test(hex))
      throw badMetadata(what, `has a ${name} that is none`);
    return [[name, hex] as const];
  });
  return { length, hashes: new Map(known) };
};

/** Demands the length and every hash that are said of these bytes (TUF 1.0, 5.5.2, 5.6.2, 5.7.3). TRUST_INVALID. */
export const demandDescribed = (bytes: Uint8Array, description: FileDescription, what: string): void => {
  if (description.length !== undefined && bytes.byteLength !== description.length)
    throw badMetadata(what, `has ${bytes.byteLength} bytes and must have ${description.length}`);
  for (const [name, hex] of description.hashes) {
    if (createHash(name).update(bytes).digest("hex") !== hex)
      throw badMetadata(what, `does not have the ${name} that it must have`);
  }
};
