import type { AnyCommand } from "#cli/command.ts";
import { KNOWN_VARIABLES } from "#cli/knownVariables.ts";
import type { VariableTopic } from "#cli/knownVariables.ts";
import { MANUAL } from "#cli/manual.ts";
import type { ManualEntry } from "#cli/manual.ts";

/** What follows the flags in a command's help: its variables, exit codes, examples, and commands to read on. */
export const helpSections = (name: string, command: AnyCommand): string => {
  const entry = MANUAL[name] ?? { seeAlso: [] };
  const { seeAlso } = entry;
  return [
    section("Environment", columns(variableRows(entry, command))),
    section("Exit codes", columns(exitRows(entry))),
    section(
      "Examples",
      command.examples.map(([line, meaning]) => `  # ${meaning}\n  ${line}`),
    ),
    ...(seeAlso.length === 0 ? [] : [section("See also", [`  ${seeAlso.map((one) => `waybill ${one}`).join(", ")}`])]),
  ]
    .join("")
    .trimEnd();
};

type Row = readonly [left: string, right: string];

const section = (title: string, lines: readonly string[]): string => `\n${title}:\n${lines.join("\n")}\n`;

const columns = (rows: readonly Row[]): readonly string[] => {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
};

const variableRows = ({ variables = [] }: ManualEntry, { flags }: AnyCommand): readonly Row[] => {
  const has = (property: string): boolean => flags[property] !== undefined;
  const topics = new Set<VariableTopic>([
    ...variables,
    ...(has("passwordFile") ? (["password"] as const) : []),
    ...(has("registryUsername") ? (["papers"] as const) : []),
    ...(has("registryConfig") ? (["registry"] as const) : []),
    ...(has("data") ? (["data"] as const) : []),
  ]);
  return [
    ["WAYBILL_<FLAG>", "a flag's value where it is not given, then COSIGN_<FLAG>: WAYBILL_VERBOSE=true"],
    ...KNOWN_VARIABLES.filter(({ topic }) => topics.has(topic)).map(({ name, meaning }): Row => [name, meaning]),
    ...(has("provenanceFrom") ? [BUILD] : []),
    ...(has("k8sKeychain") ? [CLOUDS] : []),
  ];
};

const BUILD: Row = ["CI_*, GITHUB_*, ...", "what --provenance-from takes; waybill env lists them"];
const CLOUDS: Row = ["AWS_*, AZURE_*, ...", "credentials for registries of clouds; waybill env lists them"];

const exitRows = ({ no }: ManualEntry): readonly Row[] => [
  ["0", no === undefined ? "done" : "yes"],
  ...(no === undefined ? [] : [["1", no] as const]),
  ["2", "usage or configuration; 3 bad input, 4 not found, 5 not authorised"],
  ["6", "network or registry; 7 integrity, 8 trust material, 9 local files"],
  ["130", "interrupted"],
];
