import { describe, expect, it } from "vitest";
import { testCtx } from "../fakes/testCtx.ts";
import { imagesMissing, openGoldenLayout, readGoldenImages, scanGolden, tallyGolden } from "../vectors/goldenImages.ts";
import type { GoldenImage, GoldenTally } from "../vectors/goldenImages.ts";

// What is found of the images whose content is known, beside what syft 1.51.0 made of the same bytes (recorded with them). Hostile
// ones are left out: how much of a damaged database is to be listed is nowhere said.

const NOTHING: GoldenTally = { found: 0, missed: [], extra: [] };

const ours = async (golden: GoldenImage): Promise<GoldenTally> => {
  const ctx = testCtx();
  return tallyGolden(golden, (await scanGolden(ctx, await openGoldenLayout(ctx), golden.digest)).packages);
};

interface Row {
  readonly name: string;
  readonly there: number;
  readonly ours: GoldenTally;
  readonly theirs: GoldenTally;
}

const sum = (rows: readonly Row[], whose: "ours" | "theirs") => {
  const found = rows.reduce((total, row) => total + row[whose].found, 0);
  const extra = rows.reduce((total, row) => total + row[whose].extra.length, 0);
  return {
    found,
    extra,
    recall: found / rows.reduce((total, row) => total + row.there, 0),
    precision: found / (found + extra),
  };
};

const percent = (part: number): string => `${(100 * part).toFixed(2)} %`;

/** As Markdown, one line for each image. */
const table = (rows: readonly Row[]): string => {
  const [we, they] = [sum(rows, "ours"), sum(rows, "theirs")];
  const cells = ({ found, missed, extra }: GoldenTally): string => `${found} | ${missed.length} | ${extra.length}`;
  return [
    "| image | packages | found | missed | extra | syft: found | missed | extra |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ...rows.map((row) => `| ${row.name} | ${row.there} | ${cells(row.ours)} | ${cells(row.theirs)} |`),
    `recall ${percent(we.recall)}, syft ${percent(they.recall)}; precision ${percent(we.precision)}, syft ${percent(they.precision)}`,
    ...rows.flatMap(({ name, ours: { missed, extra } }) => [
      ...missed.map((one) => `missed in ${name}: ${one}`),
      ...extra.map((one) => `extra in ${name}: ${one}`),
    ]),
  ].join("\n");
};

describe.skipIf(imagesMissing)("the images whose content is known", () => {
  it("are read at least as completely as by syft, with fewer packages that are not there", async () => {
    const rows: Row[] = [];
    for (const golden of readGoldenImages().filter(({ hostile }) => hostile === undefined)) {
      const theirs = golden.syft ?? NOTHING;
      rows.push({ name: golden.name, there: golden.packages.length, ours: await ours(golden), theirs });
    }
    process.stderr.write(`${table(rows)}\n`);
    expect(rows.length).toBeGreaterThan(40);
    const [we, they] = [sum(rows, "ours"), sum(rows, "theirs")];
    expect(we.recall).toBeGreaterThanOrEqual(they.recall);
    expect(we.precision).toBeGreaterThan(they.precision);
  });
});
