import { BUILD_SYSTEMS } from "#app/buildSystems.ts";
import type { CommandEntry } from "#cli/commands.ts";
import type { Flag } from "#cli/flag.ts";
import { flagsOf } from "#cli/globalFlags.ts";
import { hideCredentials } from "#cli/hideCredentials.ts";
import { KNOWN_VARIABLES } from "#cli/knownVariables.ts";
import type { KnownVariable } from "#cli/knownVariables.ts";
import { flagName, variablesOf } from "#cli/readFlags.ts";
import type { Environment } from "#cli/readFlags.ts";

/** A variable that is read, or that is set and looks as if it were. */
export interface ListedVariable extends Omit<KnownVariable, "topic"> {
  /** Its value as it may be shown; null where it is not set. */
  readonly value: string | null;
  /** Nothing reads it: it is mistyped, or cosign's alone. */
  readonly unread: boolean;
}

/**
 * Every variable that is read, sorted, with its value: those with a meaning of their own, and of those that stand for flags
 * (there are hundreds) the ones that are set. Secrets are masked unless `showSecrets`.
 */
export const listVariables = async (
  commands: readonly CommandEntry[],
  env: Environment,
  showSecrets: boolean,
): Promise<readonly ListedVariable[]> => {
  const known = [...KNOWN_VARIABLES, ...buildVariables()];
  const names = new Set(known.map(({ name }) => name));
  const set = Object.keys(env).filter((name) => OURS.test(name) && !names.has(name) && (env[name] ?? "") !== "");
  const flags = set.length === 0 ? new Map<string, KnownVariable>() : await flagVariables(commands);
  const listed = [...known, ...set.map((name) => flags.get(name) ?? unknown(name))];
  return listed.map((one) => describe(one, env[one.name], showSecrets)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
};

const OURS = /^(?:WAYBILL|COSIGN|SIGSTORE|TUF)_/;
const UNREAD = "set, and nothing reads it";

// Nobody knows what somebody put into a variable of that name.
const unknown = (name: string): KnownVariable => ({
  name,
  meaning: UNREAD,
  expects: "to be unset",
  topic: "program",
  secret: true,
});

const describe = (
  { name, meaning, expects, secret = false }: KnownVariable,
  value: string | undefined,
  showSecrets: boolean,
): ListedVariable => ({
  name,
  meaning,
  expects,
  secret,
  value: value === undefined ? null : showSecrets ? value : secret ? mask(value) : hideCredentials(value),
  unread: meaning === UNREAD,
});

const mask = (value: string): string => (value === "" ? "" : "******");

/** What `--provenance-from` takes from build systems. */
const buildVariables = (): readonly KnownVariable[] => {
  const systems = new Map<string, string[]>();
  for (const { name: system, marker, parameters, source, commitSha, buildId, builderId, startedOn } of BUILD_SYSTEMS) {
    const templates = [...Object.values(parameters), source, commitSha, buildId, builderId, startedOn];
    const texts = templates.filter((text) => text !== undefined);
    const read = texts.flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name));
    for (const name of new Set([marker[0], ...read])) systems.set(name, [...(systems.get(name) ?? []), system]);
  }
  return [...systems].map(([name, of]) => ({
    name,
    meaning: `what --provenance-from ${of.join(" and ")} takes`,
    expects: "to be set by the build system",
    topic: "program",
  }));
};

const flagVariables = async (commands: readonly CommandEntry[]): Promise<ReadonlyMap<string, KnownVariable>> => {
  const uses = new Map<string, FlagUse[]>();
  for (const { name: command, load } of commands) {
    for (const [property, flag] of Object.entries(flagsOf((await load()).command))) {
      const use = { command, flag, written: `--${flagName(property)}` };
      for (const name of variablesOf(flagName(property))) uses.set(name, [...(uses.get(name) ?? []), use]);
    }
  }
  return new Map([...uses].map(([name, of]) => [name, flagVariable(name, of, commands.length)]));
};

interface FlagUse {
  readonly command: string;
  readonly written: string;
  readonly flag: Flag<unknown>;
}

const flagVariable = (name: string, uses: readonly FlagUse[], all: number): KnownVariable => ({
  name,
  meaning: `${uses[0]?.written} of ${uses.length === all ? "every command" : uses.map(({ command }) => command).join(", ")}`,
  expects: uses[0]?.flag.value ?? "true or false",
  topic: "program",
  // The same name may be a secret with one command alone.
  secret: uses.some(({ flag }) => flag.secret === true),
});
