import { preparePredicate } from "#app/preparePredicate.ts";
import { signImages } from "#app/signImages.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { refuseServices, required, requiredKey, storageOf, writingFlags } from "#cli/paperFlags.ts";
import { registryFlags } from "#cli/registryFlags.ts";
import { writeResults } from "#cli/writeResults.ts";

export const command = defineCommand({
  positionals: [{ name: "REF", many: true, fromStdin: true }],
  description:
    "Signs a statement that says the predicate about the digest that each REF resolves to. The predicate's bytes are kept as they are.",
  flags: {
    ...flag.grouped("Predicate", {
      predicate: flag.text({ value: "FILE", summary: "the predicate; - reads stdin" }),
      type: flag.text({
        value: "TYPE",
        default: "custom",
        summary:
          "slsaprovenance, slsaprovenance02, slsaprovenance1, spdx, spdxjson, cyclonedx, link, vuln, openvex, vsa, test-result, scai, release, custom, or a URI",
      }),
    }),
    ...writingFlags,
    ...flag.grouped("Papers", {
      recursive: flag.toggle({ short: "r", default: false, summary: "of an index, every image too" }),
    }),
    ...registryFlags,
  },
  examples: [
    ["waybill attest --key cosign.key --type cyclonedx --predicate sbom.json registry.example/app:1.0", "an SBOM"],
    [
      "jq -c . review.json | waybill attest --key cosign.key --type https://example.com/review/v1 --predicate - registry.example/app:1.0",
      "any document, from stdin",
    ],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    refuseServices(flags);
    const source = required(flags.predicate, "--predicate", "Give the file that holds the predicate, or - for stdin.");
    const paper = preparePredicate(flags.type, await deps.readInput(ctx, source, io.readStdin));
    const key = await deps.readKey(ctx, requiredKey(flags.key), flags.passwordFile);
    const all = await signImages({
      repositories: await deps.openRepositories(flags, args),
      signer: await key.unlock(),
    })(ctx, {
      references: args,
      paper,
      recursive: flags.recursive,
      storage: storageOf(flags),
      dryRun: flags.dryRun,
      platform: flags.platform,
      maxWorkers: flags.maxWorkers,
      settleMs: flags.settle,
    });
    return writeResults(io, all, flags);
  },
});
