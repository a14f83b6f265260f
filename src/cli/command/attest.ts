import { checkSigningConfig } from "#app/checkSigningConfig.ts";
import { failureOf } from "#app/paperPlan.ts";
import { replacePapers } from "#app/replacePapers.ts";
import { signImages } from "#app/signImages.ts";
import { demandRawSbom } from "#app/writeRawSboms.ts";
import { takeSigned } from "#app/takeSigned.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { keepTaken, wantsFiles } from "#cli/keepTaken.ts";
import { looseFlags, refuseBoth, statementFileFlags } from "#cli/looseFlags.ts";
import { refuseServices, requiredKey, storageOf, writingFlags } from "#cli/paperFlags.ts";
import { predicateFlags } from "#cli/predicateFlags.ts";
import { buildFlags } from "#cli/provenanceFlags.ts";
import { readAttested } from "#cli/readAttested.ts";
import { refusedAttestingFlags, refusedSigningFlags } from "#cli/refusedFlags.ts";
import { registryFlags } from "#cli/registryFlags.ts";
import { writeResults } from "#cli/writeResults.ts";

export const command = defineCommand({
  positionals: [{ name: "REF", many: true, fromStdin: true }],
  description:
    "Signs a statement that says the predicate about the digest that each REF resolves to. The predicate's bytes are kept as they are.",
  flags: {
    ...predicateFlags,
    ...statementFileFlags,
    ...flag.grouped("Provenance, in place of --predicate", buildFlags),
    ...writingFlags,
    ...flag.grouped("Papers", {
      recursive: flag.toggle({ short: "r", default: false, summary: "of an index, every image too" }),
      sbomReferrer: flag.toggle({
        default: false,
        summary: "also store the SBOM as it is, a referrer that scanners such as Trivy find",
      }),
      replace: flag.toggle({
        default: false,
        summary: "then remove what this key attested before, of the same type about the same image",
      }),
    }),
    ...looseFlags,
    ...flag.grouped("Files", {
      noUpload: flag.toggle({
        default: false,
        summary: "store nothing: print the DSSE envelope, or write the bundle that --bundle names",
      }),
    }),
    ...refusedSigningFlags,
    ...refusedAttestingFlags,
    ...registryFlags,
  },
  examples: [
    ["waybill attest --key cosign.key --type cyclonedx --predicate sbom.json registry.example/app:1.0", "an SBOM"],
    [
      "jq -c . review.json | waybill attest --key cosign.key --type https://example.com/review/v1 --predicate - registry.example/app:1.0",
      "any document, from stdin",
    ],
    [
      "waybill attest --key cosign.key --type slsaprovenance1 --provenance-from auto registry.example/app:1.0",
      "provenance, of what the CI job's variables say",
    ],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    refuseServices(flags);
    if (flags.statement !== undefined && flags.predicate !== undefined) throw refuseBoth("--statement", "--predicate");
    if (flags.dryRun && (flags.noUpload || wantsFiles(flags)))
      throw refuseBoth("--dry-run", flags.noUpload ? "--no-upload" : "--bundle");
    if (flags.signingConfig !== undefined)
      checkSigningConfig(await deps.readInput(ctx, flags.signingConfig, io.readStdin), flags.signingConfig);
    const paper = await readAttested({ io, ctx, deps }, flags);
    if (flags.sbomReferrer) demandRawSbom(paper);
    const key = await deps.readKey(ctx, requiredKey(flags.key), flags.passwordFile);
    const access = { repositories: await deps.openRepositories(flags, args), signer: await key.unlock() };
    const { recursive, platform } = flags;
    if (flags.noUpload) {
      const taken = await takeSigned(access)(ctx, { references: args, paper, recursive, platform, stored: false });
      if (wantsFiles(flags)) await keepTaken({ io, ctx, deps }, taken, flags);
      else for (const one of taken) await io.print(Buffer.concat([await one.envelope(), Buffer.from("\n")]));
      return 0;
    }
    const carry = flags.replace ? replacePapers(access) : signImages(access);
    const all = await carry(ctx, {
      references: args,
      paper,
      recursive,
      sbomReferrer: flags.sbomReferrer,
      storage: storageOf(flags),
      dryRun: flags.dryRun,
      platform,
      maxWorkers: flags.maxWorkers,
      settleMs: flags.settle,
    });
    const exitCode = await writeResults(io, all, flags);
    if (wantsFiles(flags) && !all.some(failureOf)) {
      const references = all.flatMap((one) => (one.kind === "done" ? one.images.map(({ image }) => image) : []));
      const taken = await takeSigned(access)(ctx, { references, paper, recursive: false, stored: true });
      await keepTaken({ io, ctx, deps }, taken, flags);
    }
    return exitCode;
  },
});
