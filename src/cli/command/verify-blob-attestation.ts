import { envelopeLine } from "#app/envelopeLine.ts";
import { predicateTypeOf } from "#app/preparePredicate.ts";
import { verifyBlobs } from "#app/verifyBlobs.ts";
import type { BlobToVerify } from "#app/verifyBlobs.ts";
import { checkTemplates } from "#cli/blobPaths.ts";
import { blobVerifyFlags, papersOf } from "#cli/blobVerifyFlags.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { openResult } from "#cli/openResult.ts";
import { readHexDigest } from "#cli/readHexDigest.ts";
import { reportBlobVerdicts } from "#cli/reportBlobVerdicts.ts";
import { openSigners } from "#cli/verifyFlags.ts";
import { WaybillError } from "#core/errors.ts";

export const command = defineCommand({
  positionals: [{ name: "FILE", many: true, optional: true }],
  description:
    "Exits 0 only if a statement of the type about every FILE (- is stdin) is signed by every key. With --digest the file need not be there.",
  timeout: "6h",
  flags: {
    ...blobVerifyFlags,
    ...flag.grouped("Trust", {
      checkClaims: flag.toggle({ default: true, summary: "compare the file's digest with what was signed" }),
    }),
    ...flag.grouped("Papers", {
      type: flag.text({
        value: "TYPE",
        default: "custom",
        summary: "predicate type: cosign's short names, vsa, test-result, scai, release, or a URI",
      }),
      digest: flag.text({ value: "HEX", summary: "digest of the file, instead of reading it" }),
      digestAlg: flag.choice(["sha256", "sha512"], { default: "sha256", summary: "what --digest was made with" }),
      signature: flag.list({
        value: "FILE|BASE64",
        summary: "a DSSE envelope: its file, or its base64; {} and {/} as in --bundle; may repeat",
      }),
      output: flag.choice(["text", "json", "report", "lines"], {
        short: "o",
        default: "text",
        summary:
          "text: cosign's words on stderr; json: each verified DSSE envelope on a line; report: one document on all; lines: OK or FAIL for each FILE",
      }),
    }),
  },
  examples: [
    [
      "waybill verify-blob-attestation --key cosign.pub --type cyclonedx --bundle app.tar.att.json app.tar",
      "an SBOM of a file",
    ],
    [
      "waybill verify-blob-attestation --key cosign.pub --type cyclonedx --bundle app.tar.att.json -o json app.tar | jq -r .payload | base64 -d | jq .predicate",
      "the SBOM itself",
    ],
    [
      "waybill verify-blob-attestation --key cosign.pub --bundle a.json --digest $(sha256sum app.tar | cut -c1-64) --digestAlg sha256",
      "of a file that is elsewhere",
    ],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    const predicateType = predicateTypeOf(flags.type);
    const named = args.length === 0 ? ["-"] : args;
    for (const bundle of flags.bundle) checkTemplates(named, { bundle });
    for (const signature of flags.signature) checkTemplates(named, { signature });
    const checked = await verifyBlobs({ files: await deps.openBlobFiles(io.readStdin) })(ctx, {
      blobs: subjectsOf(args, flags),
      wanted: { kind: "attestation", predicateType, checkClaims: flags.checkClaims },
      ...(await openSigners({ deps, ctx, io }, flags)),
      maxWorkers: flags.maxWorkers,
    });
    if (!flags.checkClaims) io.warn("the file's digest is not compared with what was signed");
    const result = openResult({ io, ctx, deps }, flags.outputFile);
    const code = await reportBlobVerdicts(io, checked, {
      output: flags.output,
      papers: "attestations",
      show: ({ proofs }) => proofs.flatMap(({ claim }) => (claim === undefined ? [] : [envelopeLine(claim)])),
      print: result.print,
    });
    await result.close();
    return code;
  },
});

interface Asked {
  readonly bundle: readonly string[];
  readonly signature: readonly string[];
  readonly digest: string | undefined;
  readonly digestAlg: "sha256" | "sha512";
  readonly checkClaims: boolean;
}

const subjectsOf = (args: readonly string[], flags: Asked): readonly BlobToVerify[] => {
  if (flags.digest === undefined) {
    if (args.length > 0) return args.map((blob) => ({ blob, papers: papersOf(blob, flags) }));
    if (!flags.checkClaims) return [{ blob: "the statement", papers: papersOf("", flags) }];
    throw new WaybillError("USAGE_INVALID", "FILE is required, unless --digest says what it is");
  }
  if (args.length > 0) throw new WaybillError("USAGE_INVALID", "FILE and --digest are both given; give one of the two");
  const digest = readHexDigest(flags.digest, "--digest", flags.digestAlg);
  return [{ blob: digest, digest, papers: papersOf("", flags) }];
};
