import { downloadSbom } from "#app/downloadSbom.ts";
import { predicateTypeOf } from "#app/preparePredicate.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { printable } from "#cli/printable.ts";
import { registryFlags } from "#cli/registryFlags.ts";

export const command = defineCommand({
  positionals: [{ name: "REF" }],
  description:
    "Prints the SBOM that cosign attached under the .sbom tag, else the newest that is attested, to the byte and unverified. sbom makes a new one out of the image.",
  flags: {
    ...flag.grouped("Papers", {
      predicateType: flag.text({
        value: "TYPE",
        summary: "only an attested SBOM of this type: cyclonedx, spdx or a URI",
      }),
      platform: flag.text({ value: "OS/ARCH", summary: "of an index, this image" }),
    }),
    ...registryFlags,
  },
  examples: [
    ["waybill download sbom registry.example/app:1.0 > sbom.json", "what its builder says is in it"],
    ["waybill download sbom --predicate-type spdx --platform linux/arm64 registry.example/app:1.0", "of one platform"],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    const found = await downloadSbom({ repositories: await deps.openRepositories(flags, args) })(ctx, {
      reference: args[0] ?? "",
      platform: flags.platform,
      predicateType:
        flags.predicateType === undefined ? undefined : predicateTypeOf(flags.predicateType, "--predicate-type"),
    });
    await io.print(found.bytes);
    // cosign's words.
    if (found.from === "attachment") io.note(printable(`Found SBOM of media type: ${found.type}`));
    else io.note(printable(`Found attested SBOM of type: ${found.type}`));
    for (const { type, time } of found.others)
      io.note(printable(`  older, left out: ${type}${time === "" ? "" : `, ${time}`}`));
    io.warn(
      found.from === "attachment"
        ? "nothing of this was verified: an attached SBOM is not signed"
        : "nothing of this was verified; waybill verify-attestation prints what a key signed",
    );
    return 0;
  },
});
