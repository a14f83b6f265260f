import type { BlobPaper } from "#app/blobPapers.ts";
import { paperPath } from "#cli/blobPaths.ts";
import { flag } from "#cli/flag.ts";
import { refusedVerifyFlags } from "#cli/refusedFlags.ts";
import { allTrustFlags } from "#cli/trustFlags.ts";
import { WaybillError } from "#core/errors.ts";

/** Flags of `verify-blob` and `verify-blob-attestation`. */
export const blobVerifyFlags = {
  ...allTrustFlags,
  ...flag.grouped("Proofs", {
    rfc3161Timestamp: flag.text({ value: "FILE", summary: "signed timestamp of a signature that stands alone" }),
  }),
  ...flag.grouped("Trust", {
    newBundleFormat: flag.ignored({ summary: "a bundle's file says itself of which form it is" }),
    signatureDigestAlgorithm: flag.choice(["sha224", "sha256", "sha384", "sha512"], {
      summary: "the hash comes from the key; another one is refused",
      hidden: true,
    }),
  }),
  ...flag.grouped("Papers", {
    bundle: flag.list({
      value: "FILE",
      summary: "Sigstore bundle, or cosign 2's bundle file; {} is the verified file, {/} its name alone; may repeat",
    }),
    maxWorkers: flag.count({ value: "N", default: 10, min: 1, max: 100, summary: "files under way at once" }),
    outputFile: flag.text({ value: "FILE", summary: "write there what would go to stdout" }),
  }),
  ...refusedVerifyFlags,
};

/** The papers of one file, of which there must be one at least. USAGE_INVALID. */
export const papersOf = (
  blob: string,
  { bundle, signature }: { readonly bundle: readonly string[]; readonly signature: readonly string[] },
): readonly BlobPaper[] => {
  const papers = [
    ...bundle.map((template): BlobPaper => ({ form: "bundle", source: paperPath(template, blob) })),
    ...signature.map((template): BlobPaper => ({ form: "bare", source: paperPath(template, blob) })),
  ];
  if (papers.length > 0) return papers;
  throw new WaybillError("USAGE_INVALID", "--bundle or --signature is required", {
    hint: "Give what sign-blob wrote, such as --bundle app.sigstore.json.",
  });
};
