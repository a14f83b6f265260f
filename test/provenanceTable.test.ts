import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BUILD_SYSTEMS } from "#app/buildSystems.ts";
import type { BuildSystem } from "#app/buildSystems.ts";

const page = readFileSync("docs/provenance.md", "utf8");

const FIELDS = ["source", "commitSha", "buildId", "builderId", "startedOn"] as const;

const rowsOf = (system: BuildSystem): readonly (readonly string[])[] => {
  const mark = `\`${system.marker.join("=")}\``;
  const fields = FIELDS.map((name) => [name, system[name]] as const);
  const parameters = Object.entries(system.parameters).map(([name, from]) => [`parameter ${name}`, from] as const);
  return [...fields, ...parameters].flatMap(([field, from]) =>
    from === undefined ? [] : [[system.name, mark, field, `\`${from}\``]],
  );
};

const readRows = (): readonly (readonly string[])[] => {
  const lines = page.split("\n");
  const head = lines.findIndex((line) => /^\| system +\| mark/.test(line));
  const end = lines.findIndex((line, at) => at > head && !line.startsWith("|"));
  return lines.slice(head + 2, end).map((line) =>
    line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );
};

describe("docs/provenance.md", () => {
  it("lists what the program takes from each build system, and nothing else", () => {
    expect(readRows()).toEqual(BUILD_SYSTEMS.flatMap(rowsOf));
  });

  it("shows for Tekton, which sets nothing by itself, where each variable comes from", () => {
    const tekton = BUILD_SYSTEMS.find(({ name }) => name === "tekton");
    const wanted = new Set(JSON.stringify(tekton).match(/TEKTON_\w+/g));
    const shown = new Set([...page.matchAll(/name: (TEKTON_\w+)/g)].map(([, name = ""]) => name));
    expect(shown).toEqual(wanted);
  });
});
