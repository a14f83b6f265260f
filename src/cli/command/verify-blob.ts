import { verifyBlobs } from "#app/verifyBlobs.ts";
import { blobVerifyFlags, papersOf } from "#cli/blobVerifyFlags.ts";
import { checkTemplates } from "#cli/blobPaths.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { openResult } from "#cli/openResult.ts";
import { reportBlobVerdicts } from "#cli/reportBlobVerdicts.ts";
import { openSigners } from "#cli/verifyFlags.ts";

export const command = defineCommand({
  positionals: [{ name: "FILE", many: true }],
  description:
    "Exits 0 only if every FILE (- is stdin) is signed by every key. A file is read once and never held in memory, whatever its size; under Ed25519 keys up to 128 MiB of it are.",
  timeout: "6h",
  flags: {
    ...blobVerifyFlags,
    ...flag.grouped("Papers", {
      signature: flag.list({
        value: "FILE|BASE64",
        summary: "the signature: its file, or its base64; {} and {/} as in --bundle; may repeat",
      }),
      output: flag.choice(["text", "report", "lines"], {
        short: "o",
        default: "text",
        summary: "text: cosign's words on stderr; report: one document on all; lines: OK or FAIL for each FILE",
      }),
    }),
  },
  examples: [
    ["waybill verify-blob --key cosign.pub --bundle app.tar.sigstore.json app.tar", "against a Sigstore bundle"],
    ["waybill verify-blob --key cosign.pub --signature app.tar.sig app.tar", "against the signature alone"],
    [
      "waybill verify-blob --key cosign.pub --bundle '{}.sigstore.json' -o lines dist/*.tar",
      "many files in one process",
    ],
    ["curl -fsS $URL | waybill verify-blob --key cosign.pub --bundle app.sigstore.json -", "what comes from stdin"],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    for (const bundle of flags.bundle) checkTemplates(args, { bundle });
    for (const signature of flags.signature) checkTemplates(args, { signature });
    const checked = await verifyBlobs({ files: await deps.openBlobFiles(io.readStdin) })(ctx, {
      blobs: args.map((blob) => ({ blob, papers: papersOf(blob, flags) })),
      wanted: { kind: "signature", hash: flags.signatureDigestAlgorithm },
      ...(await openSigners({ deps, ctx, io }, flags)),
      maxWorkers: flags.maxWorkers,
    });
    const result = openResult({ io, ctx, deps }, flags.outputFile);
    const code = await reportBlobVerdicts(io, checked, {
      output: flags.output,
      papers: "signatures",
      show: () => [],
      print: result.print,
    });
    await result.close();
    return code;
  },
});
