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
    "Copies the image of an OCI layout with all its papers to a registry. Reads what save, cosign save and other tools wrote. Of a layout with several images, name one: waybill copy oci:DIR:TAG REF.",
  timeout: "0",
  flags: {
    ...flag.grouped("Copy", {
      dir: flag.text({ value: "DIR", summary: "directory of the layout" }),
      ...copyFlags,
    }),
    ...registryFlags,
  },
  examples: [["waybill load --dir ./saved registry.example/app:1.0", "on the other side"]],
  run: async ({ io, ctx, deps, args, flags }) => {
    const outcomes = await copyWhole(ctx, { deps, args, flags }, { from: layoutName(flags.dir), to: args[0] ?? "" });
    return writeCopies(io, outcomes, flags);
  },
});
