import { downloadAttestations } from "#app/downloadAttestations.ts";
import { predicateTypeOf } from "#app/preparePredicate.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { registryFlags } from "#cli/registryFlags.ts";
import { reportDownload } from "#cli/reportDownload.ts";

export const command = defineCommand({
  positionals: [{ name: "REF" }],
  description:
    "Prints each attestation once and on a line of its own, unverified, as a DSSE envelope, whether it is stored as a bundle, under the .att tag or both. Image signatures are left out.",
  flags: {
    ...flag.grouped("Papers", {
      predicateType: flag.text({
        value: "TYPE",
        summary: "only this type: a URI or one of the short names of attest --type",
      }),
      platform: flag.text({ value: "OS/ARCH", summary: "of an index, this image" }),
      output: flag.choice(["envelope", "bundle"], {
        short: "o",
        default: "envelope",
        summary: "envelope: as cosign's .att tags hold them; bundle: those that are stored as bundles, as such",
      }),
    }),
    ...registryFlags,
  },
  examples: [
    [
      "waybill download attestation registry.example/app:1.0 | jq -r .payload | base64 -d | jq .predicate",
      "what they say",
    ],
    [
      "waybill download attestation --predicate-type slsaprovenance1 --output bundle registry.example/app:1.0 > provenance.jsonl",
      "for verifiers of bundles",
    ],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    const [reference = ""] = args;
    const type =
      flags.predicateType === undefined ? undefined : predicateTypeOf(flags.predicateType, "--predicate-type");
    const report = await downloadAttestations({ repositories: await deps.openRepositories(flags, args) })(ctx, {
      reference,
      platform: flags.platform,
      predicateType: type,
      form: flags.output,
      take: async (line) => io.print(Buffer.concat([line, Buffer.from("\n")])),
    });
    reportDownload(io, report, {
      reference,
      papers: `attestations${type === undefined ? "" : ` of type ${type}`}`,
      verify: "waybill verify-attestation",
      leftHint: "leave --output bundle away to get all of them as envelopes.",
    });
    return 0;
  },
});
