import { defineCommand } from "#cli/command.ts";
import type { ProgramFacts } from "#cli/deps.ts";
import { flag } from "#cli/flag.ts";

export const command = defineCommand({
  positionals: [],
  description:
    "--json prints the names of cosign version --json, for scripts that look for them; what this program does not know of itself is unknown.",
  flags: {
    output: flag.choice(["text", "json"], { short: "o", default: "text", summary: "form of the output" }),
    json: flag.toggle({ default: false, summary: "as cosign version --json" }),
  },
  examples: [
    ["waybill version", "for people"],
    ["waybill version -o json", "for scripts"],
    ["waybill version --json | jq -r .gitVersion", "for cosign's scripts"],
  ],
  run: async ({ io, deps, flags }) => {
    const { version, node, platform } = deps.program;
    const text = `waybill ${version}\nnode ${node}\nplatform ${platform}\n`;
    if (flags.json) await io.print(`${JSON.stringify(cosignVersion(deps.program), null, 2)}\n`);
    else await io.print(flags.output === "json" ? `${JSON.stringify({ version, node, platform })}\n` : text);
    return 0;
  },
});

// cosign writes unknown, too, where its build said nothing.
const UNKNOWN = "unknown";

/** The fields of cosign's version in its order; the tool chain is another one. */
const cosignVersion = ({ version, node, platform }: ProgramFacts): Readonly<Record<string, string>> => ({
  gitVersion: `v${version}`,
  gitCommit: UNKNOWN,
  gitTreeState: UNKNOWN,
  buildDate: UNKNOWN,
  nodeVersion: `v${node}`,
  platform: goPlatform(platform),
});

/** `linux-x64` as Go writes it: `linux/amd64`. */
const goPlatform = (platform: string): string => {
  const [system = "", processor = ""] = platform.split("-");
  return `${SYSTEMS[system] ?? system}/${PROCESSORS[processor] ?? processor}`;
};

const SYSTEMS: Readonly<Record<string, string>> = { win32: "windows" };
const PROCESSORS: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };
