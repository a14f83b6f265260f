import type { CommandEntry } from "#cli/commands.ts";
import type { FlagTable } from "#cli/flag.ts";
import { nearest } from "#core/nearest.ts";
import { flagName } from "#cli/readFlags.ts";
import { WaybillError } from "#core/errors.ts";

/** What the first words of a command line ask for. */
export type Choice =
  | { readonly kind: "version" }
  /** A shell asks what the last of these words can become. */
  | { readonly kind: "completion"; readonly words: readonly string[] }
  | { readonly kind: "overview"; readonly group: string | undefined }
  | { readonly kind: "command"; readonly entry: CommandEntry; readonly argv: readonly string[] };

interface Table {
  readonly commands: readonly CommandEntry[];
  readonly globals: FlagTable;
}

/**
 * Finds the command and the words that are its own, without loading any. Global flags may stand before it. Throws
 * USAGE_INVALID for a command that does not exist, naming the nearest that does.
 */
export const chooseCommand = (table: Table, argv: readonly string[]): Choice => {
  if (argv[0] === COMPLETE) return { kind: "completion", words: argv.slice(1) };
  const { leading, rest } = splitLeadingFlags(table, argv);
  const [first, second] = rest;
  if (leading.includes("--version")) return { kind: "version" };
  if (leading.includes("--help") || leading.includes("-h")) return { kind: "overview", group: undefined };
  if (first === undefined) {
    if (leading.length > 0) throw usage("a command must follow the flags", "See waybill --help.");
    return { kind: "overview", group: undefined };
  }
  if (first === "help") return chooseHelp(table, rest.slice(1));
  const pair = table.commands.find((entry) => entry.name === `${first} ${second ?? ""}`);
  if (pair !== undefined) return { kind: "command", entry: pair, argv: [...leading, ...rest.slice(2)] };
  const single = table.commands.find((entry) => entry.name === first);
  if (single !== undefined) return { kind: "command", entry: single, argv: [...leading, ...rest.slice(1)] };
  if (isGroup(table, first) && (second === "--help" || second === "-h")) return { kind: "overview", group: first };
  throw unknownCommand(table, first, second);
};

// What the scripts of completionScript.ts call; no command of the table, since nobody types it.
const COMPLETE = "__complete";

const chooseHelp = (table: Table, words: readonly string[]): Choice => {
  const [first, second] = words;
  if (first === undefined) return { kind: "overview", group: undefined };
  if (second === undefined && isGroup(table, first) && !table.commands.some((entry) => entry.name === first)) {
    return { kind: "overview", group: first };
  }
  return chooseCommand(table, [...words, "--help"]);
};

const isGroup = (table: Table, word: string): boolean =>
  table.commands.some((entry) => entry.name.startsWith(`${word} `));

const splitLeadingFlags = (
  table: Table,
  argv: readonly string[],
): { leading: readonly string[]; rest: readonly string[] } => {
  const takesValue = new Set(
    Object.entries(table.globals).flatMap(([property, one]) =>
      one.kind === "toggle" ? [] : [`--${flagName(property)}`, ...(one.short === undefined ? [] : [`-${one.short}`])],
    ),
  );
  let at = 0;
  while (at < argv.length && argv[at]?.startsWith("-") === true) at += takesValue.has(argv[at] ?? "") ? 2 : 1;
  return { leading: argv.slice(0, at), rest: argv.slice(at) };
};

const unknownCommand = (table: Table, first: string, second: string | undefined): WaybillError => {
  if (isGroup(table, first)) {
    const members = table.commands.flatMap(({ name }) =>
      name.startsWith(`${first} `) ? [name.slice(first.length + 1)] : [],
    );
    const asked = second === undefined || second.startsWith("-") ? undefined : second;
    const found = asked === undefined ? undefined : nearest(asked, members);
    return usage(
      asked === undefined
        ? `${first} needs one more word: ${members.join(", ")}`
        : `unknown command "${first} ${asked}"`,
      found === undefined ? `See waybill ${first} --help.` : `Did you mean waybill ${first} ${found}?`,
    );
  }
  const names = [...new Set(table.commands.map(({ name }) => name.split(" ")[0] ?? ""))];
  const found = nearest(first, names);
  return usage(
    `unknown command ${JSON.stringify(first)}`,
    found === undefined ? "See waybill --help." : `Did you mean waybill ${found}?`,
  );
};

const usage = (message: string, hint: string): WaybillError => new WaybillError("USAGE_INVALID", message, { hint });
