import { growTree } from "#app/growTree.ts";
import type { PaperTree } from "#app/paperTree.ts";
import { WaybillError } from "#core/errors.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { treeLines } from "#cli/render/treeLines.ts";
import { refusedTreeFlags } from "#cli/refusedFlags.ts";
import { registryFlags } from "#cli/registryFlags.ts";

export const command = defineCommand({
  positionals: [{ name: "REF" }],
  description:
    "Shows signatures, attestations, attached SBOMs and whatever else refers to the image, to the images of an index, and to the papers themselves. Copies of one claim in two forms are shown as one. Nothing is verified: show --key says what is true.",
  flags: {
    ...flag.grouped("Papers", {
      platform: flag.text({ value: "OS/ARCH", summary: "of an index, this image" }),
      output: flag.choice(["text", "json"], { short: "o", default: "text", summary: "form of the output" }),
    }),
    ...refusedTreeFlags,
    ...registryFlags,
  },
  examples: [
    ["waybill tree registry.example/app:1.0", "what is there"],
    [
      "waybill tree -o json registry.example/app:1.0 | jq -r '.tree.papers[].type'",
      "for scripts: what the papers say that they are",
    ],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    const grown = await growTree({ repositories: await deps.openRepositories(flags, args) })(ctx, {
      reference: args[0] ?? "",
      platform: flags.platform,
    });
    if (flags.output === "json") await io.print(`${JSON.stringify(treeJson(grown), null, 2)}\n`);
    else for (const line of treeLines(grown, io.paint)) await io.print(`${line}\n`);
    const [failure] = grown.failures;
    if (failure === undefined) return 0;
    // What is there is shown; that nobody knows whether it is all is still an error.
    throw new WaybillError(failure.code, `the tree may be incomplete: ${failure.message}`, {
      cause: failure,
      hint: failure.hint,
    });
  },
});

const treeJson = (grown: PaperTree): object => ({
  ...grown,
  failures: grown.failures.map(({ code, message }) => ({ code, message })),
});
