import { describe, expect, it } from "vitest";
import { COMMANDS } from "#cli/commands.ts";
import { helpSections } from "#cli/helpSections.ts";
import { MANUAL } from "#cli/manual.ts";

const helpOf = async (name: string): Promise<string> => {
  const entry = COMMANDS.find((one) => one.name === name);
  if (entry === undefined) throw new TypeError(`there is no ${name}`);
  return helpSections(name, (await entry.load()).command);
};

describe("the help of a command", () => {
  it("speaks of commands that exist", () => {
    const names = new Set(COMMANDS.map(({ name }) => name));
    const spoken = Object.entries(MANUAL).flatMap(([name, { seeAlso }]) => [name, ...seeAlso]);
    expect(spoken.filter((name) => !names.has(name))).toEqual([]);
    expect(Object.entries(MANUAL).filter(([name, { seeAlso }]) => seeAlso.includes(name))).toEqual([]);
  });

  it("names the variables that its flags speak of", async () => {
    const sign = await helpOf("sign");
    for (const name of ["COSIGN_PASSWORD", "COSIGN_REPOSITORY", "DOCKER_CONFIG", "HTTPS_PROXY", "AWS_*"])
      expect(sign).toContain(name);
    const version = await helpOf("version");
    expect(version).toContain("WAYBILL_<FLAG>");
    expect(version).not.toMatch(/PASSWORD|DOCKER_CONFIG|AWS/);
    expect(await helpOf("issue")).toMatch(/SOURCE_DATE_EPOCH[^]*GITHUB_/);
  });

  it("says when the answer is no, where it can be", async () => {
    expect(await helpOf("verify")).toContain("\n  1    no: an image does not carry");
    expect(await helpOf("sign")).not.toContain("\n  1 ");
  });

  it("ends with examples and what to read on, no line wider than 120 but those to copy", async () => {
    for (const { name, load } of COMMANDS) {
      const { command } = await load();
      const text = helpSections(name, command);
      expect(text).toContain("\nExamples:\n");
      const copied = new Set(command.examples.map(([line]) => `  ${line}`));
      expect(text.split("\n").filter((line) => line.length > 120 && !copied.has(line))).toEqual([]);
    }
  });
});
