import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ERRORS } from "#core/errorTable.ts";
import { QUIRK_TRIALS, tryQuirk } from "../../../test/fakes/quirkBench.ts";
import type { QuirkTrial } from "../../../test/fakes/quirkBench.ts";
import { QUIRKS } from "../../../test/fakes/quirks.ts";

const outcomes = new Map<string, Readonly<Record<QuirkTrial, string>>>();

/** The codes that an outcome names. */
const codesIn = (outcome: string): readonly string[] => outcome.match(/[A-Z]+(?:_[A-Z]+)+/g) ?? [];

describe("registries with habits of their own", () => {
  it.each(QUIRKS)("$registry: $does", { timeout: 60_000 }, async (quirk) => {
    const told = await tryQuirk(quirk);
    outcomes.set(quirk.registry, told);
    // Never a wrong answer: all that is not done has a code of the network, the registry or its credentials.
    const known: Readonly<Record<string, { readonly exit: number }>> = ERRORS;
    const codes = Object.values(told).flatMap(codesIn);
    expect(codes.filter((code) => ![5, 6, 7].includes(known[code]?.exit ?? 0))).toEqual([]);
    expect(told.verify).not.toBe("no");
    expect(told["verify unsigned"]).not.toBe("yes");
    expect(told.delete).not.toBe("not there");
  });

  it("docs/registries.md says so (UPDATE_GOLDEN=1 writes it again)", () => {
    const file = join(import.meta.dirname, "../../../docs/registries.md");
    const document = readFileSync(file, "utf8");
    const [before = "", rest = ""] = document.split("<!-- quirks -->\n");
    const end = rest.indexOf("<!-- /quirks -->");
    const tables = `${habits()}\n\nWhat comes of it, \`=\` where all goes well:\n\n${measured()}`;
    if (process.env["UPDATE_GOLDEN"] === "1")
      return writeFileSync(file, `${before}<!-- quirks -->\n\n${tables}\n\n${rest.slice(end)}`);
    return expect(squeeze(rest.slice(0, end))).toBe(squeeze(tables));
  });

  const habits = (): string =>
    tableOf(
      ["registry", "what it does", "what follows", "source"],
      QUIRKS.map((quirk) => [quirk.registry, quirk.does, quirk.follows, quirk.source]),
    );

  const measured = (): string =>
    tableOf(
      ["registry", ...QUIRK_TRIALS],
      QUIRKS.map(({ registry }) => [registry, ...QUIRK_TRIALS.map((trial) => outcomes.get(registry)?.[trial] ?? "")]),
    );

  const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
    [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

  /** The formatter of documents pads tables. */
  const squeeze = (text: string): string => text.replaceAll(/-+/g, "-").replaceAll(/ +/g, " ").trim();
});
