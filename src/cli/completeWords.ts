import { PREDICATE_NAMES } from "#app/predicateNames.ts";
import type { AnyCommand, Positional } from "#cli/command.ts";
import type { CommandEntry } from "#cli/commands.ts";
import type { Flag, FlagTable } from "#cli/flag.ts";
import { flagsOf, globalFlags } from "#cli/globalFlags.ts";
import { SBOM_FORMATS } from "#cli/sbomFlags.ts";
import { flagName } from "#cli/readFlags.ts";

/** A word that may stand where the cursor is: the whole word, and what it means. */
export interface Candidate {
  readonly word: string;
  readonly meaning: string;
}

/** What a shell is to offer. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  /** Offer paths as well: of files and directories, or of directories alone. */
  readonly paths: "none" | "files" | "directories";
  /** The word goes on: no blank after it. */
  readonly open: boolean;
}

/** A line for each candidate, `WORD<TAB>MEANING`, and one for what else is to be offered: `:none`, `:files open`. */
export const writeCompletion = ({ candidates, paths, open }: Completion): string =>
  `${candidates.map(({ word, meaning }) => `${word}\t${meaning}\n`).join("")}:${paths}${open ? " open" : ""}\n`;

const NOTHING: Completion = { candidates: [], paths: "none", open: false };

/**
 * What the last of these words, which may be empty, can become; the words stand after the program's name. Only the command
 * that is meant is loaded. Never throws: words that mean nothing lead nowhere.
 */
export const completeWords = async (
  commands: readonly CommandEntry[],
  words: readonly string[],
): Promise<Completion> => {
  const current = words.at(-1) ?? "";
  const before = skipLeadingFlags(words.slice(0, -1));
  if (before === undefined) return valueOf(globalFlags(), words.at(-2) ?? "", current) ?? NOTHING;
  const path = before[0] === "help" ? before.slice(1) : before;
  const entry = findCommand(commands, path);
  const takesMore = entry === undefined || isPrefix(commands, path);
  const next = takesMore ? nextWords(commands, path) : [];
  if (entry === undefined || before[0] === "help") {
    return current.startsWith("-") && path.length === 0
      ? offer(flagCandidates(globalFlags(), []), current)
      : offer(path.length === 0 && before.length === 0 ? [...next, HELP] : next, current);
  }
  const { command } = await entry.load();
  const own = before.slice(entry.name.split(" ").length);
  const completion = completeArguments(commands, command, own, current);
  return own.length > 0 || current.startsWith("-")
    ? completion
    : { ...completion, candidates: [...offer(next, current).candidates, ...completion.candidates] };
};

const HELP: Candidate = { word: "help", meaning: "the help of a command" };

/** Global flags may stand before the command; undefined where the last of them still lacks its value. */
const skipLeadingFlags = (words: readonly string[]): readonly string[] | undefined => {
  const flags = globalFlags();
  let at = 0;
  while (at < words.length && words[at]?.startsWith("-") === true) {
    const found = findFlag(flags, words[at] ?? "");
    at += found !== undefined && found.kind !== "toggle" && !words[at]?.includes("=") ? 2 : 1;
  }
  return at > words.length ? undefined : words.slice(at);
};

const findCommand = (commands: readonly CommandEntry[], [first = "", second = ""]: readonly string[]) =>
  commands.find(({ name }) => name === `${first} ${second}`) ?? commands.find(({ name }) => name === first);

const isPrefix = (commands: readonly CommandEntry[], path: readonly string[]): boolean =>
  path.length === 0 || (path.length === 1 && commands.some(({ name }) => name.startsWith(`${path[0]} `)));

/** The first words of all commands, or the second ones of a group. */
const nextWords = (commands: readonly CommandEntry[], path: readonly string[]): readonly Candidate[] => {
  const [first] = path;
  if (first !== undefined) {
    if (!isPrefix(commands, path)) return [];
    return commands.flatMap(({ name, summary }) =>
      name.startsWith(`${first} `) ? [{ word: name.slice(first.length + 1), meaning: summary }] : [],
    );
  }
  const listed = commands.filter(({ hidden }) => hidden !== true);
  const groups = Map.groupBy(listed, ({ name }) => name.split(" ")[0] ?? "");
  return [...groups].map(([word, [one, ...others]]) => ({
    word,
    meaning: one?.name === word ? one.summary : [one, ...others].map((member) => member?.name.split(" ")[1]).join(", "),
  }));
};

const completeArguments = (
  commands: readonly CommandEntry[],
  command: AnyCommand,
  before: readonly string[],
  current: string,
): Completion => {
  const flags = flagsOf(command);
  const dashes = before.indexOf("--");
  if (dashes < 0) {
    const value = valueOf(flags, before.at(-1) ?? "", current);
    if (value !== undefined) return value;
    if (current.startsWith("-")) return flagOrValue(flags, before, current);
  }
  return completePositional(commands, command.positionals, positionalsIn(flags, before), current);
};

/** `--flag`, or `--flag=value`. */
const flagOrValue = (flags: FlagTable, before: readonly string[], current: string): Completion => {
  const [name = "", ...rest] = current.split("=");
  if (rest.length === 0) return offer(flagCandidates(flags, before), current);
  const one = findFlag(flags, name);
  if (one === undefined) return NOTHING;
  const offered = offerValues(one, rest.join("="));
  return {
    ...offered,
    candidates: offered.candidates.map((candidate) => ({ ...candidate, word: `${name}=${candidate.word}` })),
  };
};

/** The value of the flag that stands before; undefined where none waits for one. */
const valueOf = (flags: FlagTable, previous: string, current: string): Completion | undefined => {
  if (!previous.startsWith("-") || previous.includes("=")) return undefined;
  const one = findFlag(flags, previous);
  return one === undefined || one.kind === "toggle" ? undefined : offerValues(one, current);
};

// By the word that stands for the value in the help.
const SUGGESTED: Readonly<Record<string, readonly string[]>> = {
  TYPE: PREDICATE_NAMES,
  FORMAT: SBOM_FORMATS,
  "OS/ARCH": ["linux/amd64", "linux/arm64"],
};
const FILES: ReadonlySet<string> = new Set(["FILE", "PATH", "KEY", "ARCHIVE"]);
const DIRECTORIES: ReadonlySet<string> = new Set(["DIR"]);

const offerValues = (one: Flag<unknown>, current: string): Completion => {
  const words = one.kind === "toggle" ? ["true", "false"] : (one.suggests ?? SUGGESTED[one.value ?? ""] ?? []);
  const listed = one.kind === "list" ? current.slice(0, current.lastIndexOf(",") + 1) : "";
  const candidates = words.map((word) => ({ word: `${listed}${word}`, meaning: "" }));
  return { ...offer(candidates, current), paths: pathsOf(one.value) };
};

const pathsOf = (value: string | undefined): Completion["paths"] =>
  FILES.has(value ?? "") ? "files" : DIRECTORIES.has(value ?? "") ? "directories" : "none";

const flagCandidates = (flags: FlagTable, before: readonly string[]): readonly Candidate[] => [
  ...Object.entries(flags).flatMap(([property, one]) => {
    const word = `--${flagName(property)}`;
    const isUsed = before.some((given) => given === word || given.startsWith(`${word}=`) || given === `-${one.short}`);
    return one.hidden === true || (isUsed && one.kind !== "list") ? [] : [{ word, meaning: one.summary }];
  }),
  { word: "--help", meaning: "show this help" },
];

const findFlag = (flags: FlagTable, word: string): Flag<unknown> | undefined => {
  const [name] = word.split("=");
  return Object.entries(flags).find(
    ([property, { short }]) => name === `--${flagName(property)}` || name === `-${short}`,
  )?.[1];
};

/** How many words before the cursor are no flags and no values of flags. */
const positionalsIn = (flags: FlagTable, words: readonly string[]): number => {
  let count = 0;
  let isValue = false;
  let isOver = false;
  for (const word of words) {
    if (isValue) isValue = false;
    else if (!isOver && word === "--") isOver = true;
    else if (isOver || !word.startsWith("-") || word === "-") count++;
    else isValue = !word.includes("=") && (findFlag(flags, word)?.kind ?? "toggle") !== "toggle";
  }
  return count;
};

const completePositional = (
  commands: readonly CommandEntry[],
  positionals: readonly Positional[],
  at: number,
  current: string,
): Completion => {
  const last = positionals.at(-1);
  const positional = positionals[at] ?? (last?.many === true ? last : undefined);
  if (positional === undefined) return NOTHING;
  const { name, suggests } = positional;
  if (suggests !== undefined)
    return offer(
      suggests.map((word) => ({ word, meaning: "" })),
      current,
    );
  if (name === "COMMAND") return offer(nextWords(commands, []), current);
  if (REFERENCES.has(name)) return completeReference(current);
  return { ...NOTHING, paths: pathsOf(name) };
};

const REFERENCES: ReadonlySet<string> = new Set(["REF", "SRC", "DST"]);

/** A reference to a layout goes on as a path; names in registries are known to nobody here. */
const completeReference = (current: string): Completion =>
  current.startsWith("oci:")
    ? { candidates: [], paths: "files", open: true }
    : { ...offer([{ word: "oci:", meaning: "an OCI layout, a directory or an archive" }], current), open: true };

const offer = (candidates: readonly Candidate[], current: string): Completion => ({
  ...NOTHING,
  candidates: candidates.filter(({ word }) => word.startsWith(current)),
});
