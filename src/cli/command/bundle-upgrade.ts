import { upgradeBundle } from "#app/upgradeBundle.ts";
import { bundleFlags, openKey, writeBundleResult } from "#cli/bundleFlags.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { refusedSigningFlags } from "#cli/refusedFlags.ts";
import { refuseBoth } from "#cli/looseFlags.ts";
import { WaybillError } from "#core/errors.ts";

export const command = defineCommand({
  positionals: [{ name: "FILE" }],
  description:
    "Makes a Sigstore bundle v0.3 of an older one, or of cosign's bundle file from before it. FILE - is stdin. What is signed, the signature and every proof stay as they are; what v0.3 cannot hold without losing proof is refused. No log is asked.",
  flags: {
    ...bundleFlags,
    ...flag.grouped("Papers", {
      artifact: flag.text({ value: "FILE", summary: "the signed file, for cosign's old bundle file of a signature" }),
      leafOnly: flag.toggle({ default: false, summary: "of a chain of certificates keep the first, as cosign does" }),
      output: flag.text({ value: "FILE", summary: "the same as --out", hidden: true }),
    }),
    rekorUrl: refusedSigningFlags.rekorUrl,
  },
  examples: [
    ["waybill bundle upgrade --out app.sigstore.json old.sigstore.json", "of v0.1 or v0.2"],
    [
      "waybill bundle upgrade --key cosign.pub --artifact app.tar --out app.sigstore.json app.tar.bundle",
      "of cosign 2's bundle file",
    ],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    if (flags.out !== undefined && flags.output !== undefined) throw refuseBoth("--out", "--output");
    const path = args[0] ?? "";
    if (path === "-" && flags.artifact === "-")
      throw new WaybillError("USAGE_INVALID", "- stands for stdin, which is there only once");
    const upgraded = await upgradeBundle({ files: await deps.openBlobFiles(io.readStdin) })(ctx, {
      name: path === "-" ? "stdin" : path,
      bytes: await deps.readInput(ctx, path, io.readStdin),
      leafOnly: flags.leafOnly,
      trust: await openKey(deps, ctx, flags.key),
      artifact: flags.artifact,
    });
    if (upgraded.kind === "made") {
      if (upgraded.from === "0.3") io.note("It is of v0.3 already; nothing was changed.");
      if (upgraded.dropped > 0)
        io.warn(`left out ${upgraded.dropped} certificates above the leaf: who verifies must have them`);
    }
    return writeBundleResult({ io, ctx, deps }, upgraded, flags.out ?? flags.output);
  },
});
