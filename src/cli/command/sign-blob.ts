import { signBlobs, signatureBytes } from "#app/signBlobs.ts";
import type { BlobToSign, SignedBlob } from "#app/signBlobs.ts";
import { checkTargets, checkTemplates, paperPath } from "#cli/blobPaths.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { openResult } from "#cli/openResult.ts";
import { refuseServices, requiredKey, signingFlags } from "#cli/paperFlags.ts";
import { refusedBlobSigningFlags, refusedSigningFlags } from "#cli/refusedFlags.ts";
import { noteTargets, writeBlobResults } from "#cli/writeBlobResults.ts";
import { WaybillError } from "#core/errors.ts";

export const command = defineCommand({
  positionals: [{ name: "FILE", many: true }],
  description:
    "Signs the bytes of each FILE (- is stdin). Without --bundle or --output-signature the signature is printed in base64. A file is read once and never held in memory, whatever its size; under Ed25519 keys up to 128 MiB of it are.",
  timeout: "6h",
  flags: {
    ...signingFlags,
    ...flag.grouped("Signing", {
      signingAlgorithm: flag.ignored({ value: "NAME", summary: "the key says how it signs" }),
      trustedRoot: flag.ignored({ value: "FILE", summary: "a keyed signature needs no trusted root" }),
    }),
    ...flag.grouped("Papers", {
      bundle: flag.text({
        value: "FILE",
        summary: "write a Sigstore bundle; {} is the signed file, {/} its name alone",
      }),
      newBundleFormat: flag.toggle({ default: true, summary: "false: the bundle file of cosign 2" }),
      outputSignature: flag.text({ value: "FILE", summary: "write the signature alone; {} and {/} as in --bundle" }),
      output: flag.text({ value: "FILE", summary: "--output-signature, as cosign once called it", hidden: true }),
      b64: flag.toggle({ default: true, summary: "signatures in base64; false: as bytes" }),
      outputCertificate: flag.ignored({ value: "FILE", summary: "a key signs, there is no certificate" }),
      outputFile: flag.text({ value: "FILE", summary: "write there what would go to stdout" }),
      maxWorkers: flag.count({ value: "N", default: 4, min: 1, max: 100, summary: "files under way at once" }),
    }),
    ...refusedSigningFlags,
    ...refusedBlobSigningFlags,
  },
  examples: [
    ["waybill sign-blob --key cosign.key --bundle app.tar.sigstore.json app.tar", "a Sigstore bundle beside the file"],
    ["waybill sign-blob --key cosign.key app.tar > app.tar.sig", "the signature alone"],
    ["waybill sign-blob --key cosign.key --bundle '{}.sigstore.json' dist/*", "a bundle for each file, in one process"],
    ["tar c src | waybill sign-blob --key cosign.key --bundle src.sigstore.json -", "what comes from stdin"],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    refuseServices(flags);
    const signatureFile = flags.outputSignature ?? flags.output;
    checkTemplates(args, { bundle: flags.bundle, "output-signature": signatureFile });
    const blobs = args.map((blob): BlobToSign => {
      const at = (template: string | undefined) => (template === undefined ? undefined : paperPath(template, blob));
      return { blob, bundle: at(flags.bundle), signature: at(signatureFile) };
    });
    checkTargets(
      args,
      blobs.flatMap(({ bundle, signature }) => [bundle, signature].filter((one) => one !== undefined)),
    );
    const printed = signatureFile === undefined && (flags.bundle === undefined || !flags.newBundleFormat);
    if (printed && !flags.b64 && args.length > 1)
      throw new WaybillError("USAGE_INVALID", "--b64=false: signatures of several files cannot be told apart", {
        hint: "Give --output-signature '{}.sig'.",
      });
    const key = await deps.readKey(ctx, requiredKey(flags.key), flags.passwordFile);
    const signatureForm = flags.b64 ? "base64" : "raw";
    const outcomes = await signBlobs({
      files: await deps.openBlobFiles(io.readStdin),
      signer: await key.unlock(),
    })(ctx, {
      blobs,
      bundleForm: flags.newBundleFormat ? "sigstore" : "local",
      signatureForm,
      maxWorkers: flags.maxWorkers,
    });
    return writeBlobResults(io, outcomes, {
      result: openResult({ io, ctx, deps }, flags.outputFile),
      show: ({ signature }) => (printed ? resultOf(signature, signatureForm) : new Uint8Array()),
      note: (blob, signed) => {
        if (signed.prehashed) io.warn(PREHASHED(blob));
        noteTargets(io, filesOf(signed));
      },
    });
  },
});

const resultOf = (signature: Uint8Array, form: "base64" | "raw"): Uint8Array =>
  Buffer.concat([signatureBytes(signature, form), Buffer.from(form === "raw" ? "" : "\n")]);

const filesOf = ({ bundle, signatureFile }: SignedBlob) => ({ bundle, signature: signatureFile });

const PREHASHED = (blob: string): string =>
  `${blob} has more than 128 MiB, so its hash is signed (Ed25519ph): Waybill verifies that, cosign does not; use another kind of key for it`;
