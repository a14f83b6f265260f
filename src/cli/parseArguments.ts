import { CommanderError, Option, Command as Parser } from "commander";
import type { AnyCommand, Positional } from "#cli/command.ts";
import type { Flag, FlagTable, RawFlag } from "#cli/flag.ts";
import { helpSections } from "#cli/helpSections.ts";
import { nearest } from "#core/nearest.ts";
import { flagName } from "#cli/readFlags.ts";
import { WaybillError } from "#core/errors.ts";

/** What one command's words say: a wish for help, or arguments and flags as written. */
export type Parsed =
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "run"; readonly args: readonly string[]; readonly written: Readonly<Record<string, RawFlag>> };

interface Grammar {
  readonly name: string;
  readonly summary: string;
  readonly command: AnyCommand;
  /** The command's own flags and the global ones. */
  readonly flags: FlagTable;
  readonly columns: number;
  readonly warn: (line: string) => void;
}

/** Reads the words after the command's name; throws USAGE_INVALID, with the nearest flag where one was mistyped. */
export const parseArguments = (grammar: Grammar, argv: readonly string[]): Parsed => {
  let help = "";
  const parser = buildParser(grammar, (text) => (help += text));
  try {
    parser.parse(joinValues(grammar, argv), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.helpDisplayed") return { kind: "help", text: help };
    throw usageError(grammar, error);
  }
  return { kind: "run", args: parser.args, written: parser.opts() };
};

const buildParser = ({ name, summary, command, flags, columns }: Grammar, onHelp: (text: string) => void): Parser => {
  const parser = new Parser(`waybill ${name}`)
    .description(
      command.description === undefined ? sentence(summary) : `${sentence(summary)}\n\n${command.description}`,
    )
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({ writeOut: onHelp, writeErr: () => undefined, getOutHelpWidth: () => columns })
    .allowExcessArguments(false)
    .usage(["[flags]", ...command.positionals.map(positionalText)].join(" "))
    .addHelpOption(new Option("-h, --help", "show this help").helpGroup("Global:"))
    .addHelpText("after", helpSections(name, command));
  for (const positional of command.positionals) parser.argument(positionalText(positional));
  for (const [property, one] of Object.entries(flags)) addFlag(parser, property, one);
  return parser;
};

const sentence = (summary: string): string => `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;

const positionalText = ({ name, many, optional }: Positional): string => {
  const word = many === true ? `${name}...` : name;
  return optional === true ? `[${word}]` : `<${word}>`;
};

const addFlag = (parser: Parser, property: string, one: Flag<unknown>): void => {
  const name = flagName(property);
  const short = one.short === undefined ? "" : `-${one.short}, `;
  const value = one.value === undefined ? "" : ` <${one.value}>`;
  const shown = one.shownDefault === undefined ? "" : ` (default ${one.shownDefault})`;
  const option = new Option(`${short}--${name}${value}`, `${one.summary}${shown}`);
  // A name of cosign's, --no-upload, and not the opposite of another flag as the parser takes it.
  option.negate = false;
  option.helpGroup(`${one.group ?? "Flags"}:`).hideHelp(one.hidden === true);
  if (one.kind === "list")
    option.argParser((text, earlier: readonly string[] | undefined) => [...(earlier ?? []), text]);
  parser.addOption(option);
  // How `--x=false` reaches the parser, which knows no values for switches.
  if (one.kind === "toggle") parser.addOption(new Option(`--no-${name}`).hideHelp());
};

/** Go writes `--x=true` and `--x=false` for switches and `-a=v` for short flags; the parser wants `--x`, `--no-x` and `-av`. */
const joinValues = ({ flags, warn }: Grammar, argv: readonly string[]): readonly string[] => {
  const byWord = new Map<string, { readonly name: string; readonly one: Flag<unknown> }>();
  for (const [property, one] of Object.entries(flags)) {
    const name = flagName(property);
    byWord.set(`--${name}`, { name, one });
    if (one.short !== undefined) byWord.set(`-${one.short}`, { name, one });
  }
  const words: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = modernWord(argv[at] ?? "", byWord, warn);
    if (word === "--") return [...words, ...argv.slice(at)];
    const [before = "", ...after] = word.split("=");
    const found = byWord.get(before);
    if (found === undefined || after.length === 0) words.push(word);
    else words.push(joinValue(found.name, found.one, after.join("=")));
    // A value is a value even where it looks like a flag.
    const value = argv[at + 1];
    if (found !== undefined && found.one.kind !== "toggle" && after.length === 0 && value !== undefined) {
      words.push(value);
      at++;
    }
  }
  return words;
};

/** cosign 1 wrote `-key`, and `--o` for `-o`; its successors take them still, and say so (cosign.md 5.9). Only whole names count. */
const modernWord = (word: string, byWord: ReadonlyMap<string, unknown>, warn: (line: string) => void): string => {
  const [before = ""] = word.split("=", 1);
  const modern = /^-[a-z][a-z0-9-]+$/.test(before) ? `-${before}` : /^--[a-z]$/.test(before) ? before.slice(1) : before;
  if (modern === before || byWord.has(before) || !byWord.has(modern)) return word;
  warn(`the flag ${before} is deprecated; write ${modern}`);
  return `${modern}${word.slice(before.length)}`;
};

const joinValue = (name: string, one: Flag<unknown>, value: string): string => {
  if (one.kind !== "toggle") return `--${name}=${value}`;
  return one.read(value, `--${name}`) === false ? `--no-${name}` : `--${name}`;
};

const usageError = ({ name, flags }: Grammar, error: CommanderError): WaybillError => {
  const message = error.message.replace(/^error: /, "").replaceAll("option", "flag");
  const mistyped = error.code === "commander.unknownOption" ? /'--([^'=]+)/.exec(error.message)?.[1] : undefined;
  const visible = Object.entries(flags).flatMap(([property, one]) => (one.hidden === true ? [] : [flagName(property)]));
  const found = mistyped === undefined ? undefined : nearest(mistyped, visible);
  return new WaybillError("USAGE_INVALID", message, {
    hint: found === undefined ? `See waybill ${name} --help.` : `Did you mean --${found}? See waybill ${name} --help.`,
  });
};
