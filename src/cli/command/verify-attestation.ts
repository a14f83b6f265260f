import { envelopeLine } from "#app/envelopeLine.ts";
import { predicateTypeOf } from "#app/preparePredicate.ts";
import { verifyImages } from "#app/verifyImages.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { storageOf } from "#cli/paperFlags.ts";
import { refusedAttestationFlags } from "#cli/refusedFlags.ts";
import { reportVerdicts } from "#cli/reportVerdicts.ts";
import { openSigners, referencesOf, verifyFlags } from "#cli/verifyFlags.ts";

export const command = defineCommand({
  positionals: [{ name: "REF", many: true, fromStdin: true }],
  description:
    "Exits 0 only if every REF carries an attestation of the type by every key. Prints each verified DSSE envelope on a line.",
  flags: {
    ...verifyFlags,
    ...refusedAttestationFlags,
    ...flag.grouped("Papers", {
      type: flag.text({
        value: "TYPE",
        default: "custom",
        summary: "predicate type: cosign's short names, vsa, test-result, scai, release, or a URI",
      }),
    }),
  },
  examples: [
    [
      "waybill verify-attestation --key cosign.pub --type cyclonedx registry.example/app:1.0 | jq -r .payload | base64 -d | jq .predicate",
      "the SBOM that was signed",
    ],
    [
      "waybill verify-attestation --key cosign.pub --type slsaprovenance1 -o report registry.example/app:1.0",
      "provenance, as a report",
    ],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    const references = referencesOf(flags, args);
    const storage = storageOf(flags);
    const checked = await verifyImages({ repositories: await deps.openRepositories(flags, references) })(ctx, {
      references,
      wanted: { kind: "attestation", predicateType: predicateTypeOf(flags.type), checkClaims: flags.checkClaims },
      ...(await openSigners({ deps, ctx, io }, flags)),
      storage,
      platform: flags.platform,
      maxWorkers: flags.maxWorkers,
    });
    return reportVerdicts(io, checked, {
      output: flags.output,
      annotations: false,
      checkClaims: flags.checkClaims,
      storage,
      papers: "attestations",
      show: (verdict) => verdict.claims.map(({ claim }) => envelopeLine(claim)),
    });
  },
});
