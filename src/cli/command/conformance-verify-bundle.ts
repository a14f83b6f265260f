import { existsSync } from "node:fs";
import type { BlobOutcome } from "#app/overBlobs.ts";
import { verifyBlobs } from "#app/verifyBlobs.ts";
import type { BlobToVerify, BlobVerdict, VerifyBlobsInput } from "#app/verifyBlobs.ts";
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
    ...flag.grouped("Proofs", {
      staging: flag.toggle({
        default: false,
        summary: "by the root of Sigstore's staging instance, unless --trusted-root is given",
      }),
    }),
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
    const isStatement = asSignature.some(isAboutStatement);
    const outcome = isStatement ? await verify(ctx, { ...common, wanted: ANY_STATEMENT }) : asSignature;
    return reportBlobVerdicts(io, outcome, {
      output: "text",
      papers: isStatement ? "attestations" : "signatures",
      show: () => [],
      print: (text) => io.print(text),
    });
  },
});

/** Whether everything but its type was right, so far as anybody looked. */
const isAboutStatement = (outcome: BlobOutcome<BlobVerdict>): boolean =>
  outcome.kind === "done" && outcome.value.refusals.some(({ code }) => code === "not-a-signature");

const ANY_STATEMENT: VerifyBlobsInput["wanted"] = { kind: "attestation", predicateType: undefined, checkClaims: true };

/** What looks like a digest is one where no file goes by that name (conformance suite, docs/cli_protocol.md). */
const subjectOf = (subject: string, bundle: string): BlobToVerify => {
  const papers = [{ form: "bundle", source: bundle } as const];
  if (!/^sha256:[0-9a-f]{64}$/.test(subject) || existsSync(subject)) return { blob: subject, papers };
  return { blob: subject, digest: readHexDigest(subject, "DIGEST"), papers };
};
