import { describe, expect, it } from "vitest";
import { matchOutput } from "./matchOutput.ts";
import { parseScenario } from "./parseScenario.ts";
import { rewriteScenario } from "./rewriteScenario.ts";
import { runScenario } from "./runScenario.ts";

const run = async (text: string, goOn = false) => runScenario(parseScenario("x.txt", text), goOn);

const problems = async (text: string): Promise<readonly string[]> =>
  (await run(text)).map(({ problem }) => problem?.split("\n")[0] ?? "fine");

describe("a scenario", () => {
  it("passes when output, errors and exit code are as written", async () => {
    const text = [
      "# About this.",
      "env GREETING=hello $WORK",
      '$ cat a/b.txt; echo; echo "$GREETING" >&2; exit 3',
      "> # still the command",
      "one",
      "\\",
      "two",
      "stderr> hello [[$WORK]]",
      "exit 3",
      "",
      "-- a/b.txt --",
      "one",
      "",
      "two",
    ].join("\n");
    expect(await problems(text)).toEqual(["fine"]);
  });

  it.each([
    ["$ echo a\nb", "stdout differs"],
    ["$ echo a", "stdout differs"],
    ["$ true\na", "stdout differs"],
    ["$ echo a >&2", "stderr differs"],
    ["$ true\nstderr> a", "stderr differs"],
    ["$ exit 1", "exit 1, expected 0"],
    ["$ true\nexit 1", "exit 0, expected 1"],
    ["$ printf a\na", "stdout ends with a line feed where it must not, or without one"],
    ["$ echo a\na\n\\no newline at end", "stdout ends with a line feed where it must not, or without one"],
    ["$ printf 'a\\n\\n'\na", "stdout differs"],
    ["$ kill -9 $$", "exit 137, expected 0"],
  ])("fails for %j", async (text, problem) => {
    expect(await problems(text)).toEqual([problem]);
  });

  it("stops at the first step that goes wrong", async () => {
    expect(await problems("$ true\n$ false\n$ true")).toEqual(["fine", "exit 1, expected 0"]);
  });

  it("hands on what it captured", async () => {
    const text = "$ echo port 8080\nport [[port=number]]\n\n$ echo $port $port\n8080 [[$port]]";
    expect(await problems(text)).toEqual(["fine", "fine"]);
  });

  it("starts a process, waits until it is ready, and ends it", async () => {
    const text = [
      "& server: sh -c 'trap \"exit 5\" TERM; echo up at 1234; while :; do sleep 0.05; done'",
      "up at [[port=number]]",
      "$ echo $port",
      "1234",
      "stop server",
      "exit 5",
    ].join("\n");
    expect(await problems(text)).toEqual(["fine", "fine", "fine"]);
  });

  it("says so when a process ends before it is ready, or otherwise than expected", async () => {
    expect(await problems("& server: echo down\nup")).toEqual(["ended before it was ready"]);
    expect(await problems("& server: sleep 20\nstop server")).toEqual(["fine", "ended with 143, expected 0"]);
  });

  it.each(["hello", "", "$ true\n\n# fine\nbut not this"])("is refused when it is none: %j", (text) => {
    expect(() => parseScenario("x.txt", text)).toThrow(SyntaxError);
  });
});

describe("patterns", () => {
  const digest = `sha256:${"0a".repeat(32)}`;

  it.each([
    [["a[[*]]z"], ["a to z"], true],
    [["[[digest]]"], [digest], true],
    [["[[digest]]"], [digest.toUpperCase()], false],
    [["[[/[a-c]+/]]."], ["abc."], true],
    [["[[/[a-c]+/]]."], ["abcd."], false],
    [["a.c"], ["abc"], false],
    [["...", "c"], ["a", "b", "c"], true],
    [["a", "..."], ["a"], true],
    [["...", "c", "..."], ["a", "b"], false],
    [["a"], ["a", "b"], false],
    [["\\$ a"], ["$ a"], true],
    [["\\..."], ["a"], false],
  ])("%j against %j: %j", (patterns, lines, fits) => {
    expect(matchOutput(patterns, lines, {}) !== undefined).toBe(fits);
  });

  it("of no known shape are refused", () => {
    expect(() => matchOutput(["[[digset]]"], ["x"], {})).toThrow(SyntaxError);
    expect(() => matchOutput(["[[$digest]]"], ["x"], {})).toThrow(SyntaxError);
  });
});

describe("updating", () => {
  it("rewrites what differs, keeps what fits, and then passes", async () => {
    const text = [
      "# Kept.",
      "$ echo 12; echo $WORK/x; echo '$ a'; echo; echo '[[digest]]'; printf end; echo e >&2; exit 4",
      "[[number]]",
      "old",
      "",
      "# Kept too.",
      "$ printf 'same\\n\\n'",
      "same",
      "",
      "-- f --",
      "text",
    ].join("\n");
    const outcomes = await run(text, true);
    const updated = rewriteScenario(text, outcomes);
    expect(updated.split("\n")).toEqual([
      "# Kept.",
      "$ echo 12; echo $WORK/x; echo '$ a'; echo; echo '[[digest]]'; printf end; echo e >&2; exit 4",
      "[[number]]",
      "[[$WORK]]/x",
      "\\$ a",
      "",
      "[[/\\[\\[/]]digest]]",
      "end",
      "\\no newline at end",
      "stderr> e",
      "exit 4",
      "",
      "# Kept too.",
      "$ printf 'same\\n\\n'",
      "same",
      "\\",
      "",
      "-- f --",
      "text",
      "",
    ]);
    expect(await problems(updated)).toEqual(["fine", "fine"]);
  });
});
