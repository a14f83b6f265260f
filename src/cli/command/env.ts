import { defineCommand } from "#cli/command.ts";
import { COMMANDS } from "#cli/commands.ts";
import { flag } from "#cli/flag.ts";
import { listVariables } from "#cli/listVariables.ts";
import type { ListedVariable } from "#cli/listVariables.ts";
import { printable } from "#cli/printable.ts";

export const command = defineCommand({
  positionals: [],
  description:
    "Prints every variable of the environment that is read, with its value where it is set, as cosign env does. Of the variables that stand for flags, WAYBILL_<FLAG> and COSIGN_<FLAG>, only those that are set are shown. Secrets are masked.",
  flags: {
    showDescriptions: flag.toggle({ default: true, summary: "say what each is, and what it expects" }),
    showSensitiveValues: flag.toggle({ default: false, summary: "show secrets, too" }),
    output: flag.choice(["text", "json"], { short: "o", default: "text", summary: "form of the output" }),
  },
  examples: [
    ["waybill env", "all of them, explained"],
    ["waybill env --show-descriptions=false | grep -v '=$'", "those that are set"],
    ["waybill env -o json | jq -r '.[] | select(.unread).name'", "those that are set and that nothing reads"],
  ],
  run: async ({ io, flags }) => {
    const listed = await listVariables(COMMANDS, io.env, flags.showSensitiveValues);
    if (flags.output === "json") await io.print(`${JSON.stringify(listed)}\n`);
    else await io.print(listed.map((one) => lines(one, flags.showDescriptions)).join(""));
    for (const { name } of listed.filter(({ unread }) => unread)) io.warn(`${name} is set, and nothing reads it`);
    return 0;
  },
});

const lines = ({ name, meaning, expects, value }: ListedVariable, described: boolean): string => {
  const head = described ? `# ${name} is ${meaning}\n# Expects: ${expects}\n` : "";
  return `${head}${name}=${printable(value ?? "")}\n`;
};
