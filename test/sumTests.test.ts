import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

interface Listed {
  readonly test: string;
}
const [listed = { test: "" }] = JSON.parse(readFileSync("test/expected-skips.json", "utf8")) as readonly Listed[];

const file = (tests: Readonly<Record<string, string>>, status = "passed") => ({
  name: "x.test.ts",
  status,
  message: "cannot be loaded",
  assertionResults: Object.entries(tests).map(([fullName, outcome]) => ({ fullName, status: outcome })),
});

const sum = (suites: Readonly<Record<string, readonly object[]>>, status = "0") => {
  const folder = mkdtempSync(join(tmpdir(), "waybill-sum-"));
  for (const [suite, testResults] of Object.entries(suites)) {
    writeFileSync(join(folder, `${suite}.json`), JSON.stringify({ testResults }));
  }
  const args = ["scripts/sum-tests.mjs", folder, status, "unit", "scenario"];
  const { stdout, status: exit } = spawnSync(process.execPath, args, { encoding: "utf8" });
  rmSync(folder, { recursive: true });
  return { lines: stdout.trimEnd().split("\n"), exit };
};

const good = [file({ a: "passed", b: "passed" })];

describe("the sum over all suites", () => {
  it("is the last line, and good when everything passed", () => {
    expect(sum({ unit: good, scenario: good })).toEqual({ lines: ["4 passed, 0 failed, 0 skipped"], exit: 0 });
  });

  it("allows the skips that are listed", () => {
    const skipped = file({ [listed.test.replace("unit: ", "")]: "skipped" });
    expect(sum({ unit: [...good, skipped], scenario: good })).toEqual({
      lines: ["4 passed, 0 failed, 1 skipped"],
      exit: 0,
    });
  });

  it.each(["skipped", "pending", "todo"])("refuses a test that is %s and not listed", (outcome) => {
    const { lines, exit } = sum({ unit: [...good, file({ c: outcome })], scenario: good });
    expect(lines).toEqual(["skipped, but not in test/expected-skips.json: unit: c", "4 passed, 0 failed, 1 skipped"]);
    expect(exit).toBe(1);
  });

  it("counts failures, files that do not load, suites that did not run, and steps that broke", () => {
    expect(sum({ unit: [file({ a: "passed", b: "failed" }, "failed")], scenario: good })).toEqual({
      lines: ["unit: b", "3 passed, 1 failed, 0 skipped"],
      exit: 1,
    });
    expect(sum({ unit: [...good, file({}, "failed")], scenario: good }).lines.at(-1)).toBe(
      "4 passed, 1 failed, 0 skipped",
    );
    expect(sum({ unit: good }).lines).toEqual(["scenario: did not run to its end", "2 passed, 1 failed, 0 skipped"]);
    expect(sum({ unit: good, scenario: good }, "2").lines.at(-1)).toBe("4 passed, 1 failed, 0 skipped");
  });

  it("refuses to call nothing a success", () => {
    expect(sum({ unit: [], scenario: [] })).toEqual({
      lines: ["no test passed at all", "0 passed, 0 failed, 0 skipped"],
      exit: 1,
    });
  });
});
