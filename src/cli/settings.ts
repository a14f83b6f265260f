import type { AnyCommand } from "#cli/command.ts";
import type { CommandEntry } from "#cli/commands.ts";
import type { Deps } from "#cli/deps.ts";
import type { Flag, FlagTable } from "#cli/flag.ts";
import { configFlag, flagsOf } from "#cli/globalFlags.ts";
import { nearest } from "#core/nearest.ts";
import { flagName, readFlag, sourceOf } from "#cli/readFlags.ts";
import type { FileValues, FlagSources } from "#cli/readFlags.ts";
import type { Section, Setting, SettingsFile } from "#cli/settingsFile.ts";
import type { Ctx } from "#core/ctx.ts";
import { ERRORS } from "#core/errorTable.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import { mapLimited } from "#core/limit.ts";

/** What settings are read with. */
export interface SettingsWorld {
  readonly commands: readonly CommandEntry[];
  readonly deps: Pick<Deps, "readInput">;
  readonly ctx: Ctx;
}

/** What a settings file says for one command. */
export interface Settings {
  /** The file as it was named, undefined where none is read. */
  readonly path: string | undefined;
  readonly values: FileValues;
}

const FOUND = "waybill.yaml";

/**
 * The settings of a command's file: of the one that `--config` or WAYBILL_CONFIG names, else, for a command that says so, of
 * the waybill.yaml in the working directory. For others a file that merely lies there means nothing: it may belong to a
 * checkout, and must not weaken what the user verifies in it. Throws CONFIG_INVALID, NOT_FOUND for a named file.
 */
export const readSettings = async (
  world: SettingsWorld,
  { name, command }: { readonly name: string; readonly command: AnyCommand },
  sources: Omit<FlagSources, "file">,
): Promise<Settings> => {
  const file = await openFile(world, command, readFlag(configFlag, sourceOf("config", { ...sources, file: {} })));
  if (file === undefined) return { path: undefined, values: {} };
  const flags = flagsOf(command);
  await checkNames(world.commands, file, flags);
  const own = file.sections.find((section) => section.command === name)?.settings ?? [];
  const usable = [...file.shared.filter((setting) => find(flags, setting.name) !== undefined), ...own];
  return {
    path: file.path,
    values: Object.fromEntries(usable.map((setting) => readValue(file, setting, flags))),
  };
};

const openFile = async (
  { deps, ctx }: SettingsWorld,
  command: AnyCommand,
  named: string | undefined,
): Promise<SettingsFile | undefined> => {
  if (named === "none" || (named === undefined && command.autoConfig !== true)) return undefined;
  if (named === "-") {
    throw new WaybillError("CONFIG_INVALID", "--config -: settings are read from a file, not from stdin");
  }
  const path = named ?? FOUND;
  try {
    const bytes = await deps.readInput(ctx, path, noStdin);
    const { parseSettings } = await import("#cli/settingsFile.ts");
    return parseSettings(bytes, path);
  } catch (cause) {
    if (named === undefined && hasCode(cause, "NOT_FOUND")) return undefined;
    // Without its settings a command must not run at all, and what is wrong is a setting.
    if (!hasCode(cause, "NOT_FOUND", "INPUT_INVALID", "LIMIT_EXCEEDED")) throw cause;
    throw new WaybillError("CONFIG_INVALID", `settings: ${cause.message}`, { cause, hint: cause.hint });
  }
};

async function* noStdin(): AsyncGenerator<Uint8Array> {}

/** Every name in the whole file must mean something, or a mistyped one would silently leave a default in force. */
const checkNames = async (commands: readonly CommandEntry[], file: SettingsFile, flags: FlagTable): Promise<void> => {
  for (const section of file.sections) {
    const known = await loadFlags(commands, file, section);
    for (const setting of section.settings) checkName(file, setting, known, `waybill ${section.command}`);
  }
  const isOurs = file.shared.every(({ name }) => find(flags, name) !== undefined);
  const known = isOurs ? flags : await loadAllFlags(commands);
  for (const setting of file.shared) checkName(file, setting, known, "any command");
};

const loadAllFlags = async (commands: readonly CommandEntry[]): Promise<FlagTable> => {
  const tables = await mapLimited(commands, 8, async (entry) => flagsOf((await entry.load()).command));
  return Object.assign({}, ...tables) as FlagTable;
};

const loadFlags = async (
  commands: readonly CommandEntry[],
  file: SettingsFile,
  { command, line }: Section,
): Promise<FlagTable> => {
  const entry = commands.find(({ name }) => name === command);
  if (entry !== undefined) return flagsOf((await entry.load()).command);
  const names = commands.map(({ name }) => name);
  throw invalid(file, line, `there is no command ${quote(command)}`, nearest(command, names));
};

const checkName = (file: SettingsFile, { name, line }: Setting, flags: FlagTable, whose: string): void => {
  const found = find(flags, name);
  if (found === undefined) {
    const visible = Object.entries(flags).flatMap(([property, one]) =>
      one.hidden === true ? [] : [flagName(property)],
    );
    throw invalid(file, line, `${quote(name)} is not a setting of ${whose}`, nearest(name, visible));
  }
  if (name === "config") throw invalid(file, line, "a settings file cannot name another", undefined);
  if (found[1].secret !== true) return;
  throw new WaybillError(
    "CONFIG_INVALID",
    `${file.path}:${line}: ${name} is a secret, which no settings file may hold`,
    {
      hint: `Remove it, and set WAYBILL_${name.replaceAll("-", "_").toUpperCase()} or log in with waybill login.`,
    },
  );
};

const find = (flags: FlagTable, name: string): readonly [string, Flag<unknown>] | undefined =>
  Object.entries(flags).find(([property]) => flagName(property) === name);

const readValue = (
  file: SettingsFile,
  { name, line, raw }: Setting,
  flags: FlagTable,
): readonly [string, FileValues[string]] => {
  const [property, { kind }] = find(flags, name) ?? [name, { kind: "text" }];
  if (kind === "toggle" && typeof raw !== "boolean")
    throw invalid(file, line, `${name} must be true or false`, undefined);
  if (kind !== "toggle" && typeof raw === "boolean") {
    throw invalid(file, line, `${name} is a text; write it in quotes`, undefined);
  }
  if (kind === "text" && typeof raw !== "string")
    throw invalid(file, line, `${name} takes one value, not a list`, undefined);
  return [property, { raw, where: `${file.path}:${line}: ${name}` }];
};

const quote = (name: string): string => JSON.stringify(name.slice(0, 80));

const invalid = (file: SettingsFile, line: number, reason: string, meant: string | undefined): WaybillError => {
  const hint = meant === undefined ? ERRORS.CONFIG_INVALID.hint : `Did you mean ${meant}?`;
  return new WaybillError("CONFIG_INVALID", `${file.path}:${line}: ${reason}`, { hint });
};
