import { inspectBundle } from "#app/inspectBundle.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { inspectedJson, inspectedLines } from "#cli/render/inspectedBundle.ts";

export const command = defineCommand({
  positionals: [{ name: "FILE" }],
  description:
    "Shows what a Sigstore bundle, or cosign's bundle file from before it, holds: what is signed, the key or certificate, log entries and timestamps. FILE - is stdin. Nothing is verified, and nothing is contacted: verify-blob says what is true.",
  flags: flag.grouped("Papers", {
    output: flag.choice(["text", "json"], { short: "o", default: "text", summary: "form of the output" }),
  }),
  examples: [
    ["waybill bundle inspect app.tar.sigstore.json", "what is in it"],
    ["waybill bundle inspect -o json app.tar.sigstore.json | jq .content", "for scripts"],
    [
      "waybill download attestation --output bundle registry.example/app:1.0 | head -1 | waybill bundle inspect -",
      "of an image",
    ],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    const bundle = inspectBundle(await deps.readInput(ctx, args[0] ?? "", io.readStdin));
    io.warn(UNVERIFIED);
    await io.print(
      flags.output === "json"
        ? `${JSON.stringify(inspectedJson(bundle), null, 2)}\n`
        : inspectedLines(bundle, io.paint)
            .map((line) => `${line}\n`)
            .join(""),
    );
    return 0;
  },
});

const UNVERIFIED = "nothing of this was verified; waybill verify-blob says what a key signed";
