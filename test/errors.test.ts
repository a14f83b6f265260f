import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ERRORS } from "#core/errorTable.ts";
import type { ErrorCode } from "#core/errors.ts";

const page = readFileSync("docs/errors.md", "utf8");

/** Rows of the table under a heading, as lists of cells. */
const readTable = (heading: string): readonly (readonly string[])[] => {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("| "));
  return rows.slice(2).map((row) =>
    row
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.replaceAll("\\|", "|").trim()),
  );
};

const codeRow = (code: string): readonly string[] => {
  const { exit, http, retry, title, hint } = ERRORS[code as ErrorCode];
  return [`\`${code}\``, String(exit), String(http), retry ? "yes" : "no", title, hint];
};

describe("docs/errors.md", () => {
  it("lists every code with what the program does, and no other code", () => {
    const written = readTable("Codes");
    expect(written).toEqual(Object.keys(ERRORS).map(codeRow));
  });

  it("lists every exit code that the program can end with", () => {
    const written = readTable("Exit codes").map(([code]) => Number(code));
    const possible = new Set([0, 1, 129, 130, 143, ...Object.values(ERRORS).map(({ exit }) => exit)]);
    expect(written).toEqual([...possible].toSorted((a, b) => a - b));
  });
});

describe("the table of errors", () => {
  it("leaves 1 to a decided no, and 0 to yes", () => {
    expect(Object.values(ERRORS).filter(({ exit }) => Number(exit) < 2)).toEqual([]);
  });

  it("has no code that nothing gives", () => {
    const sources = globSync("src/**/*.ts", { exclude: ["src/**/*.test.ts", "src/core/errorTable.ts"] });
    const text = sources.map((file) => readFileSync(file, "utf8")).join("\n");
    // INTERNAL is what `asWaybillError` makes of everything unforeseen.
    const unused = Object.keys(ERRORS).filter((code) => !text.includes(`"${code}"`) && code !== "INTERNAL");
    expect(unused).toEqual([]);
  });
});
