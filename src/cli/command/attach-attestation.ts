import { attachPapers } from "#app/attachPapers.ts";
import { readForeignPapers } from "#app/foreignPaper.ts";
import { attachFlags } from "#cli/attachFlags.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { writeResults } from "#cli/writeResults.ts";
import { WaybillError } from "#core/errors.ts";

export const command = defineCommand({
  positionals: [{ name: "REF" }],
  description:
    "Stores signed attestations as they are: DSSE envelopes under the .att tag, Sigstore bundles as referrers. A file may hold several, one after another. One that names another image is refused, and then nothing is written; who signed it is for verify-attestation to say.",
  flags: {
    ...flag.grouped("Attestations", {
      attestation: flag.list({ value: "FILE", summary: "envelopes or bundles; -: stdin; may repeat" }),
    }),
    ...attachFlags,
  },
  examples: [
    ["waybill attach attestation --attestation provenance.intoto.jsonl registry.example/app:1.0", "of a builder"],
    [
      "waybill download attestation registry.example/app:1.0 | waybill attach attestation --attestation - mirror.example/app:1.0",
      "from one registry to another",
    ],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    if (flags.attestation.length === 0) {
      throw new WaybillError("USAGE_INVALID", "--attestation is required", {
        hint: "Give a file of DSSE envelopes or Sigstore bundles, such as --attestation provenance.json.",
      });
    }
    const files: { readonly where: string; readonly bytes: Uint8Array }[] = [];
    for (const path of flags.attestation) {
      const where = path === "-" ? "stdin" : path;
      files.push({ where, bytes: await deps.readInput(ctx, path, io.readStdin) });
    }
    const attached = await attachPapers({ repositories: await deps.openRepositories(flags, args) })(ctx, {
      reference: args[0] ?? "",
      platform: flags.platform,
      dryRun: flags.dryRun,
      settleMs: flags.settle,
      read: (subject) =>
        files.flatMap(({ where, bytes }) => readForeignPapers(bytes, "attestation", { subject, where })),
    });
    return writeResults(io, [attached], flags);
  },
});
