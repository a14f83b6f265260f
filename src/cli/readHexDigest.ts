import { isDigest } from "#core/digest.ts";
import type { Digest, DigestAlgorithm } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";

/** A digest as cosign's flags take it: hex digits alone, or `sha256:` and `sha512:` before them. USAGE_INVALID. */
export const readHexDigest = (text: string, where: string, algorithm: DigestAlgorithm = "sha256"): Digest => {
  const prefix = `${algorithm}:`;
  const digest = `${prefix}${(text.startsWith(prefix) ? text.slice(prefix.length) : text).toLowerCase()}`;
  if (isDigest(digest)) return digest;
  const [name, size] = algorithm === "sha256" ? ["SHA-256", 64] : ["SHA-512", 128];
  throw new WaybillError("USAGE_INVALID", `${where}: ${JSON.stringify(text.slice(0, 160))} is no ${name}`, {
    hint: `Give the ${size} hex digits that ${algorithm}sum prints.`,
  });
};
