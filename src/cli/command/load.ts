import { copyImages } from "#app/copyImages.ts";
import { defineCommand } from "#cli/command.ts";
import { copyFlags } from "#cli/copyFlags.ts";
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
    const lines = [{ from: layoutName(flags.dir), to: args[0] ?? "" }];
    const repositories = await deps.openRepositories(flags, args);
    const outcomes = await copyImages({ repositories })(ctx, {
      ...flags,
      lines,
      only: undefined,
      platform: undefined,
      settleMs: flags.settle,
    });
    return writeCopies(io, outcomes, flags);
  },
});
