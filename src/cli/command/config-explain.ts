import { chooseCommand } from "#cli/chooseCommand.ts";
import { defineCommand } from "#cli/command.ts";
import { COMMANDS } from "#cli/commands.ts";
import type { CommandEntry } from "#cli/commands.ts";
import { explainFlags } from "#cli/explainFlags.ts";
import type { ExplainedCommand } from "#cli/explainFlags.ts";
import { flag } from "#cli/flag.ts";
import { configFlag, flagsOf, globalFlags } from "#cli/globalFlags.ts";
import { parseArguments } from "#cli/parseArguments.ts";
import { readSettings } from "#cli/settings.ts";
import type { SettingsWorld } from "#cli/settings.ts";
import { explainedTable } from "#cli/render/explainedTable.ts";
import type { Environment } from "#cli/readFlags.ts";
import { WaybillError } from "#core/errors.ts";

export const command = defineCommand({
  positionals: [{ name: "COMMAND", many: true, optional: true }],
  description:
    "For every flag of a command: its value and where it came from. Flags for that command follow after --. Without a COMMAND, all that is set for any of them. Secrets are never shown.",
  flags: {
    config: configFlag,
    output: flag.choice(["text", "json"], { short: "o", default: "text", summary: "form of the output" }),
  },
  examples: [
    ["waybill config explain --config waybill.yaml", "all that is set, and by what"],
    ["waybill config explain verify -- --key cosign.pub", "what this command line would run with"],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    const world = { commands: COMMANDS, deps, ctx, env: io.env, config: flags.config };
    const explained = args.length === 0 ? await explainAll(world) : [await explainOne(world, ...chooseOne(args))];
    await io.print(
      flags.output === "json"
        ? `${JSON.stringify(explained)}\n`
        : explainedTable(explained, args.length === 0 ? "set" : "all"),
    );
    return 0;
  },
});

interface World extends SettingsWorld {
  readonly env: Environment;
  /** As given to this command itself, by flag or variable. */
  readonly config: string | undefined;
}

const chooseOne = (args: readonly string[]): readonly [CommandEntry, readonly string[]] => {
  const choice = chooseCommand({ commands: COMMANDS, globals: globalFlags() }, args);
  if (choice.kind === "command") return [choice.entry, choice.argv];
  throw new WaybillError("USAGE_INVALID", "config explain needs the name of a command, or nothing");
};

const explainAll = async (world: World): Promise<readonly ExplainedCommand[]> => {
  const explained: ExplainedCommand[] = [];
  for (const entry of COMMANDS) explained.push(await explainOne(world, entry, []));
  return explained;
};

const explainOne = async (world: World, entry: CommandEntry, argv: readonly string[]): Promise<ExplainedCommand> => {
  const { command: chosen } = await entry.load();
  const flags = flagsOf(chosen);
  // A command's positionals are not asked for here, only what its flags would be.
  const lenient = { ...chosen, positionals: [{ name: "ARG", many: true, optional: true }] };
  const parsed = parseArguments({ ...entry, command: lenient, flags, columns: 100, warn: () => undefined }, argv);
  if (parsed.kind === "help") throw new WaybillError("USAGE_INVALID", "--help is no setting");
  const { env, config } = world;
  const inherited = config === undefined || config === env["WAYBILL_CONFIG"] ? {} : { config };
  const sources = { env, written: { ...inherited, ...parsed.written } };
  const { path, values } = await readSettings(world, { name: entry.name, command: chosen }, sources);
  return { command: entry.name, file: path ?? null, flags: explainFlags(flags, { ...sources, file: values }) };
};
