import { generatePayload } from "#app/generatePayload.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { readPairs } from "#cli/paperFlags.ts";
import { registryFlags } from "#cli/registryFlags.ts";

export const command = defineCommand({
  positionals: [{ name: "REF" }],
  description:
    "Prints the payload that sign would sign for the .sig tag, to the byte and without a line feed. Sign it with whatever holds the key, then attach signature brings both to the image.",
  flags: {
    ...flag.grouped("Papers", {
      annotations: flag.list({
        short: "a",
        value: "NAME=VALUE",
        separator: ",",
        summary: "to be signed along with the image; may repeat",
      }),
      signContainerIdentity: flag.text({ value: "NAME", summary: "this name instead of the repository's" }),
      platform: flag.text({ value: "OS/ARCH", summary: "of an index, this image" }),
    }),
    ...registryFlags,
  },
  examples: [
    ["waybill generate -a tenant_id=t-1 registry.example/app:1.0 > payload.json", "to be signed elsewhere"],
    ["openssl dgst -sha256 -sign key.pem payload.json | base64 -w0 > payload.sig", "such as this"],
    [
      "waybill attach signature --payload payload.json --signature payload.sig registry.example/app:1.0",
      "and brought back",
    ],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    const payload = await generatePayload({ repositories: await deps.openRepositories(flags, args) })(ctx, {
      reference: args[0] ?? "",
      annotations: readPairs(flags.annotations, "--annotations"),
      containerIdentity: flags.signContainerIdentity,
      platform: flags.platform,
    });
    await io.print(payload);
    return 0;
  },
});
