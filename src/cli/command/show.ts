import { showImage } from "#app/showImage.ts";
import type { ShownImage } from "#app/showImage.ts";
import { WaybillError } from "#core/errors.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { registryFlags } from "#cli/registryFlags.ts";
import { shownLines } from "#cli/render/shownImage.ts";

export const command = defineCommand({
  positionals: [{ name: "REF" }],
  description:
    "What the image is, who signed it, what verifies, what is missing. Without --key nothing can be verified, and it says so.",
  flags: {
    key: flag.list({ value: "KEY", summary: "public key: file, env://VARIABLE or https://...; may repeat" }),
    platform: flag.text({ value: "OS/ARCH", summary: "of an index, this image" }),
    output: flag.choice(["text", "json"], { short: "o", default: "text", summary: "form of the output" }),
    ...registryFlags,
  },
  examples: [
    ["waybill show registry.example/app:1.0", "what is there"],
    ["waybill show --key cosign.pub registry.example/app:1.0", "what of it is true"],
    ["waybill show --key cosign.pub -o json oci:./layout:1.0 | jq .missing", "for scripts, from a layout"],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    const shown = await showImage({ repositories: await deps.openRepositories(flags, args) })(ctx, {
      reference: args[0] ?? "",
      trust: await deps.openTrust(ctx, flags.key),
      platform: flags.platform,
    });
    if (flags.output === "json") await io.print(`${JSON.stringify(shownJson(shown), null, 2)}\n`);
    else for (const line of shownLines(shown, flags.key.length > 0, io.paint)) await io.print(`${line}\n`);
    const [failure] = shown.failures;
    if (failure === undefined) return 0;
    // What is there is shown; that nobody knows whether it is all is still an error, never "missing".
    throw new WaybillError(failure.code, `the list of papers may be incomplete: ${failure.message}`, {
      cause: failure,
    });
  },
});

const shownJson = (shown: ShownImage): object => ({
  ...shown,
  missing: shown.missing ?? null,
  failures: shown.failures.map(({ code, message }) => ({ code, message })),
});
