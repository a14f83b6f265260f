import { digestAlgorithm, digestHex } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";

/** A digest as CycloneDX writes it. */
export const writeHash = (digest: Digest): { readonly alg: "SHA-256" | "SHA-512"; readonly content: string } => ({
  alg: digestAlgorithm(digest) === "sha256" ? "SHA-256" : "SHA-512",
  content: digestHex(digest),
});
