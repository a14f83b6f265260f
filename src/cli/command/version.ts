import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";

export const command = defineCommand({
  positionals: [],
  flags: {
    output: flag.choice(["text", "json"], { short: "o", default: "text", summary: "form of the output" }),
    json: flag.toggle({ default: false, summary: "the same as -o json" }),
  },
  examples: [
    ["waybill version", "for people"],
    ["waybill version -o json", "for scripts"],
  ],
  run: async ({ io, deps, flags }) => {
    const { version, node, platform } = deps.program;
    const asJson = flags.json || flags.output === "json";
    await io.print(
      asJson
        ? `${JSON.stringify({ version, node, platform })}\n`
        : `waybill ${version}\nnode ${node}\nplatform ${platform}\n`,
    );
    return 0;
  },
});
