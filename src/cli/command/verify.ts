import { verifyImages } from "#app/verifyImages.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { readPairs, storageOf } from "#cli/paperFlags.ts";
import { signatureLines } from "#cli/render/signatureLines.ts";
import { reportVerdicts } from "#cli/reportVerdicts.ts";
import { openSigners, refuseUnmetDemands, verifyFlags } from "#cli/verifyFlags.ts";

export const command = defineCommand({
  positionals: [{ name: "REF", many: true, fromStdin: true }],
  description:
    "Exits 0 only if every REF carries an image signature by every key, in whichever form it is stored. Attestations are no signatures.",
  flags: {
    ...verifyFlags,
    ...flag.grouped("Papers", {
      annotations: flag.list({
        short: "a",
        value: "NAME=VALUE",
        separator: ",",
        summary: "must have been signed with exactly this value; may repeat",
      }),
    }),
  },
  examples: [
    ["waybill verify --key cosign.pub registry.example/app:1.0", "the payloads as cosign prints them"],
    ["waybill verify --key cosign.pub -a tenant_id=t-1 registry.example/app:1.0 | jq .", "signed for this tenant only"],
    ["waybill verify --key https://paas.example/cosign.pub -o lines - < images.txt", "OK or FAIL for many images"],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    refuseUnmetDemands(flags);
    const storage = storageOf(flags);
    const annotations = readPairs(flags.annotations, "--annotations");
    const checked = await verifyImages({ repositories: await deps.openRepositories(flags, args) })(ctx, {
      references: args,
      wanted: { kind: "signature", annotations, checkClaims: flags.checkClaims },
      ...(await openSigners(deps, ctx, flags)),
      storage,
      platform: flags.platform,
      maxWorkers: flags.maxWorkers,
    });
    return reportVerdicts(io, checked, {
      output: flags.output,
      annotations: flags.annotations.length > 0,
      checkClaims: flags.checkClaims,
      storage,
      papers: "signatures",
      show: signatureLines,
    });
  },
});
