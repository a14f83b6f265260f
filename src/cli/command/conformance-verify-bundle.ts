import { blobsExitCode, verifyBlobs } from "#app/verifyBlobs.ts";
import type { BlobToVerify, VerifyBlobsInput } from "#app/verifyBlobs.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { readHexDigest } from "#cli/readHexDigest.ts";
import { reportBlobVerdicts } from "#cli/reportBlobVerdicts.ts";
import { allTrustFlags } from "#cli/trustFlags.ts";
import { openSigners } from "#cli/verifyFlags.ts";
import { WaybillError } from "#core/errors.ts";

export const command = defineCommand({
  positionals: [{ name: "FILE|DIGEST" }],
  description:
    "Exits 0 only if the bundle verifies for the file or its SHA-256, whether it signs it or makes a statement about it. A log entry is demanded with a key, too.",
  flags: {
    ...allTrustFlags,
    ...flag.grouped("Papers", { bundle: flag.text({ value: "FILE", summary: "Sigstore bundle" }) }),
  },
  examples: [
    [
      "waybill conformance verify-bundle --bundle a.sigstore.json --key key.pub --trusted-root trusted_root.json a.txt",
      "as the suite calls it",
    ],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    if (flags.bundle === undefined) throw new WaybillError("USAGE_INVALID", "--bundle is required");
    const asked = { ...flags, insecureIgnoreTlog: flags.insecureIgnoreTlog ?? false };
    const signers = await openSigners({ deps, ctx, io }, asked);
    const verify = verifyBlobs({ files: await deps.openBlobFiles(io.readStdin) });
    const blobs = [subjectOf(args[0] ?? "", flags.bundle)];
    const common = { blobs, ...signers, maxWorkers: 1 };
    const asSignature = await verify(ctx, { ...common, wanted: { kind: "signature", hash: undefined } });
    const isSigned = blobsExitCode(asSignature) === 0;
    const outcome = isSigned ? asSignature : await verify(ctx, { ...common, wanted: ANY_STATEMENT });
    const isStatement = !isSigned && blobsExitCode(outcome) === 0;
    // Of two refusals the first is of a signature, which most bundles are.
    return reportBlobVerdicts(io, isStatement ? outcome : asSignature, {
      output: "text",
      papers: isStatement ? "attestations" : "signatures",
      show: () => [],
      print: (text) => io.print(text),
    });
  },
});

const ANY_STATEMENT: VerifyBlobsInput["wanted"] = { kind: "attestation", predicateType: undefined, checkClaims: true };

/** The suite gives a digest where a file could stand. */
const subjectOf = (subject: string, bundle: string): BlobToVerify => {
  const papers = [{ form: "bundle", source: bundle } as const];
  if (!/^sha256:[0-9a-f]{64}$/.test(subject)) return { blob: subject, papers };
  return { blob: subject, digest: readHexDigest(subject, "DIGEST"), papers };
};
