import { downloadSignatures } from "#app/downloadSignatures.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { storageFlags, storageOf } from "#cli/paperFlags.ts";
import { registryFlags } from "#cli/registryFlags.ts";
import { reportDownload } from "#cli/reportDownload.ts";

export const command = defineCommand({
  positionals: [{ name: "REF" }],
  description:
    "Prints the image signatures one a line, unverified: Sigstore bundles where there are any, else what the .sig tag holds, as Base64Signature, Payload, Cert, Chain, Bundle and RFC3161Timestamp. --storage legacy, bundle or both says which.",
  flags: {
    ...storageFlags,
    ...flag.grouped("Papers", {
      platform: flag.text({ value: "OS/ARCH", summary: "of an index, this image" }),
    }),
    ...registryFlags,
  },
  examples: [
    ["waybill download signature registry.example/app:1.0", "what is there"],
    [
      "waybill download signature --storage legacy registry.example/app:1.0 | jq -r .Payload | base64 -d",
      "what was signed for the .sig tag",
    ],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    const [reference = ""] = args;
    const asked = flags.storage !== undefined || flags.newBundleFormat !== undefined;
    const report = await downloadSignatures({ repositories: await deps.openRepositories(flags, args) })(ctx, {
      reference,
      platform: flags.platform,
      storage: asked ? storageOf(flags) : undefined,
      take: async (line) => io.print(Buffer.concat([line, Buffer.from("\n")])),
    });
    reportDownload(io, report, {
      reference,
      papers: "signatures",
      verify: "waybill verify",
      leftHint: "--storage legacy prints what the .sig tag holds.",
    });
    return 0;
  },
});
