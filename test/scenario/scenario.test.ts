import { globSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { parseScenario } from "./parseScenario.ts";
import { rewriteScenario } from "./rewriteScenario.ts";
import { missingNeeds, runScenario } from "./runScenario.ts";

const FILE_MS = 300_000;
const update = process.env["UPDATE_SCENARIOS"] === "1";

describe("scenarios", { concurrent: true, timeout: FILE_MS }, () => {
  for (const file of globSync("test/scenario/*.txt").toSorted()) {
    const text = readFileSync(file, "utf8");
    const scenario = parseScenario(file, text);
    const name = basename(file, ".txt");
    it.skipIf(missingNeeds(scenario).length > 0)(`${name}`, async () => {
      const outcomes = await runScenario(scenario, update);
      if (update) {
        writeFileSync(file, rewriteScenario(text, outcomes));
        return;
      }
      const wrong = outcomes.flatMap(({ step, problem }) =>
        problem === undefined ? [] : [`${file}:${step.span.command + 1}: ${problem}`],
      );
      expect(wrong.join("\n")).toBe("");
    });
  }
});
