import { signImages } from "#app/signImages.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { readPairs, refuseServices, requiredKey, storageOf, writingFlags } from "#cli/paperFlags.ts";
import { registryFlags } from "#cli/registryFlags.ts";
import { writeResults } from "#cli/writeResults.ts";

export const command = defineCommand({
  positionals: [{ name: "REF", many: true, fromStdin: true }],
  description:
    "Signs the digest that each REF resolves to and stores the signature beside the image. A signature that is there already is not written again.",
  flags: {
    ...writingFlags,
    ...flag.grouped("Papers", {
      annotations: flag.list({
        short: "a",
        value: "NAME=VALUE",
        separator: ",",
        summary: "signed along with the image; may repeat",
      }),
      recursive: flag.toggle({ short: "r", default: false, summary: "of an index, every image too" }),
      signContainerIdentity: flag.text({ value: "NAME", summary: "sign this name instead of the repository's" }),
    }),
    ...registryFlags,
  },
  examples: [
    ["waybill sign --key cosign.key registry.example/app@sha256:HEX", "both forms: bundle and .sig tag"],
    ["waybill sign --key cosign.key -a tenant_id=t-1 -a commit_sha=4b82 registry.example/app:1.0", "with annotations"],
    [
      "waybill sign --key env://SIGNING_KEY --storage legacy -r registry.example/app:1.0",
      "an index and its images, .sig tags only",
    ],
    ["cat images.txt | waybill sign --key cosign.key -", "many images in one process"],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    refuseServices(flags);
    const annotations = readPairs(flags.annotations, "--annotations");
    const key = await deps.readKey(ctx, requiredKey(flags.key), flags.passwordFile);
    const all = await signImages({
      repositories: await deps.openRepositories(flags, args),
      signer: await key.unlock(),
    })(ctx, {
      references: args,
      paper: { kind: "signature", annotations },
      recursive: flags.recursive,
      storage: storageOf(flags),
      dryRun: flags.dryRun,
      platform: flags.platform,
      maxWorkers: flags.maxWorkers,
      settleMs: flags.settle,
      containerIdentity: flags.signContainerIdentity,
    });
    return writeResults(io, all, flags);
  },
});
