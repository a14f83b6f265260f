import { locateTag } from "#app/locateTag.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { printable } from "#cli/printable.ts";
import { registryFlags } from "#cli/registryFlags.ts";

export const command = defineCommand({
  positionals: [{ name: "REF" }],
  description:
    "Prints the name under which cosign keeps papers of an image, whether anything is there or not. Bundles have no such name: tree finds them.",
  flags: {
    ...flag.grouped("Papers", {
      type: flag.choice(["signature", "attestation", "sbom", "digest"], {
        default: "signature",
        summary: "which papers; digest: the image itself",
      }),
      platform: flag.text({ value: "OS/ARCH", summary: "of an index, this image" }),
    }),
    ...registryFlags,
  },
  examples: [
    ["waybill triangulate registry.example/app:1.0", "where the signatures are"],
    ["waybill triangulate --type digest registry.example/app:1.0", "what the tag names now"],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    const name = await locateTag({ repositories: await deps.openRepositories(flags, args) })(ctx, {
      reference: args[0] ?? "",
      kind: flags.type,
      platform: flags.platform,
    });
    await io.print(`${printable(name)}\n`);
    return 0;
  },
});
