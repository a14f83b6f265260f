import { attachPapers } from "#app/attachPapers.ts";
import { isBundle, readForeignPapers, readForeignSignature } from "#app/foreignPaper.ts";
import { attachFlags } from "#cli/attachFlags.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { required } from "#cli/paperFlags.ts";
import { refusedAttachFlags } from "#cli/refusedFlags.ts";
import { writeResults } from "#cli/writeResults.ts";
import { WaybillError } from "#core/errors.ts";

export const command = defineCommand({
  positionals: [{ name: "REF" }],
  description:
    "Stores a signature with its payload under the .sig tag, or a Sigstore bundle as a referrer, as they are. A payload or bundle that names another image is refused; who signed it is for verify to say.",
  flags: {
    ...flag.grouped("Signature", {
      signature: flag.text({ value: "FILE", summary: "base64 of the signature, -: stdin; or a Sigstore bundle" }),
      payload: flag.text({
        value: "FILE",
        summary: "what was signed; where it is not given, what generate prints; or a Sigstore bundle",
      }),
      bundle: flag.text({ value: "FILE", summary: "a Sigstore bundle" }),
      certificate: flag.text({ value: "FILE", summary: "PEM of the signer's certificate, kept beside the signature" }),
      certificateChain: flag.text({ value: "FILE", summary: "PEM of its authorities" }),
    }),
    ...attachFlags,
    ...refusedAttachFlags,
  },
  examples: [
    [
      "waybill attach signature --payload payload.json --signature payload.sig registry.example/app:1.0",
      "what another tool signed",
    ],
    ["waybill attach signature --bundle app.sigstore.json registry.example/app:1.0", "a bundle"],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    const open = async (path: string | undefined): Promise<Uint8Array | undefined> =>
      path === undefined ? undefined : deps.readInput(ctx, path, io.readStdin);
    const text = async (path: string | undefined): Promise<string | undefined> =>
      path === undefined ? undefined : Buffer.from((await open(path)) ?? "").toString();
    if (flags.payload !== undefined && flags.bundle !== undefined)
      throw new WaybillError("USAGE_INVALID", "--payload and --bundle name the same thing", {
        hint: "Give one of them.",
      });
    const payload = await open(flags.payload ?? flags.bundle);
    const signature = await open(flags.signature);
    const bundle = [payload, signature].find((one) => one !== undefined && isBundle(one));
    if (bundle === undefined) required(flags.signature, "--signature", "Give base64 of the signature, or a bundle.");
    if (flags.bundle !== undefined && bundle === undefined)
      throw new WaybillError("INPUT_INVALID", `${flags.bundle}: is no Sigstore bundle`);
    if (bundle !== undefined && (flags.certificate ?? flags.certificateChain) !== undefined)
      throw new WaybillError("USAGE_INVALID", "--certificate goes with a detached signature: a bundle holds its own");
    const certificate = await text(flags.certificate);
    const chain = await text(flags.certificateChain);
    const where = (bundle === signature ? flags.signature : (flags.payload ?? flags.bundle)) ?? "the payload";
    const attached = await attachPapers({ repositories: await deps.openRepositories(flags, args) })(ctx, {
      reference: args[0] ?? "",
      platform: flags.platform,
      dryRun: flags.dryRun,
      settleMs: flags.settle,
      read: (subject, dockerReference) =>
        bundle === undefined
          ? [
              readForeignSignature({
                subject,
                where,
                dockerReference,
                payload,
                signature: signature ?? new Uint8Array(),
                certificate,
                chain,
              }),
            ]
          : readForeignPapers(bundle, "signature", { subject, where }),
    });
    return writeResults(io, [attached], flags);
  },
});
