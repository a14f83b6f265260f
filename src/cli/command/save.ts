import { defineCommand } from "#cli/command.ts";
import { copyFlags } from "#cli/copyFlags.ts";
import { copyWhole } from "#cli/copyWhole.ts";
import { flag } from "#cli/flag.ts";
import { layoutName } from "#cli/layoutName.ts";
import { registryFlags } from "#cli/registryFlags.ts";
import { writeCopies } from "#cli/writeCopies.ts";

export const command = defineCommand({
  positionals: [{ name: "REF" }],
  description:
    "Copies an image with all its papers into an OCI layout directory, from which load and cosign load bring it to a registry, and in which verify finds everything. A layout may hold many images; cosign load takes the one saved last. For an archive: waybill copy REF oci:FILE.tar.",
  timeout: "0",
  flags: {
    ...flag.grouped("Copy", {
      dir: flag.text({ value: "DIR", summary: "directory of the layout; made when missing" }),
      ...copyFlags,
    }),
    ...registryFlags,
  },
  examples: [
    ["waybill save --dir ./saved registry.example/app:1.0", "to be carried elsewhere"],
    ["waybill verify --key cosign.pub oci:./saved:1.0", "checked where it was carried to"],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    const outcomes = await copyWhole(ctx, { deps, args, flags }, { from: args[0] ?? "", to: layoutName(flags.dir) });
    const code = await writeCopies(io, outcomes, flags);
    for (const one of outcomes)
      if (one.kind === "done" && !flags.dryRun) await deps.markLayout(ctx, flags.dir ?? "", one.copied.digest);
    return code;
  },
});
