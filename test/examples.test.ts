import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { chooseCommand } from "#cli/chooseCommand.ts";
import { COMMANDS } from "#cli/commands.ts";
import { flagsOf, globalFlags } from "#cli/globalFlags.ts";
import { parseArguments } from "#cli/parseArguments.ts";
import { readFlags } from "#cli/readFlags.ts";
import { codeLines, splitCommands } from "./commandLines.ts";

/** Reads a command line as the program does, up to where it would run. Throws what the program would say. */
const parse = async (argv: readonly string[]): Promise<void> => {
  const choice = chooseCommand({ commands: COMMANDS, globals: globalFlags() }, argv);
  if (choice.kind !== "command") return;
  const { command } = await choice.entry.load();
  const flags = flagsOf(command);
  const warnings: string[] = [];
  const grammar = { ...choice.entry, command, flags, columns: 100, warn: (line: string) => void warnings.push(line) };
  const parsed = parseArguments(grammar, choice.argv);
  if (parsed.kind === "run") readFlags(flags, { written: parsed.written, env: {}, file: {} });
  if (warnings.length > 0) throw new SyntaxError(warnings.join("; "));
};

const PROGRAM = /^(?:\.\/bin\/)?waybill(?:\.js)?$/;

/** What is wrong with the calls of the program on a line; none where there is no call. */
const problemsOf = async (line: string): Promise<readonly string[]> => {
  const problems: string[] = [];
  for (const [program = "", ...argv] of splitCommands(line)) {
    if (!PROGRAM.test(program)) continue;
    await parse(argv).catch((error: unknown) => problems.push(`${line}: ${(error as Error).message}`));
  }
  return problems;
};

const isCall = (line: string): boolean => splitCommands(line).some(([program = ""]) => PROGRAM.test(program));

describe("what is printed to be copied", () => {
  it.each(COMMANDS.map(({ name, load }) => [name, load] as const))("is right in the help of %s", async (name, load) => {
    const { command } = await load();
    const wrong: string[] = [];
    for (const [line] of command.examples) wrong.push(...(await problemsOf(line)));
    expect(wrong).toEqual([]);
    expect(command.examples.filter(([line]) => line.includes(`waybill ${name}`)).length).toBeGreaterThan(0);
  });

  it.each(["README.md", ...globSync("docs/*.md").toSorted()])("is right in %s", async (file) => {
    const calls = codeLines(readFileSync(file, "utf8")).filter(isCall);
    const wrong: string[] = [];
    for (const line of calls) wrong.push(...(await problemsOf(line)));
    expect(wrong).toEqual([]);
  });

  it("would be found wrong", async () => {
    expect(await problemsOf("jq . | waybill verify --kee cosign.pub a > b")).toHaveLength(1);
    expect(await problemsOf("waybill sgin a; waybill version --output tar && waybill version")).toHaveLength(2);
    expect(await problemsOf("FOO=1 waybill tokens list 'a b'")).toHaveLength(1);
    expect(await problemsOf("waybill version # --nothing")).toEqual([]);
    expect(codeLines("a\n```sh\nwaybill \\\n  version\n```\nb\n\n    waybill tree\n")).toEqual([
      "waybill  version",
      "waybill tree",
    ]);
  });
});
