import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { createServiceMeter } from "#main/serviceMeter.ts";
import { parseExposition } from "../../test/fakes/parseExposition.ts";

const PAGE = readFileSync(new URL("../../docs/control-plane.md", import.meta.url), "utf8");

/** Names, kinds and labels in the page's table of metrics. */
const described = [...PAGE.matchAll(/^\| `([a-z_]+)` +\| (counter|gauge|histogram) +\| (?:`([a-z, ]+)`)? +\|/gm)].map(
  ([, name = "", kind = "", labels = ""]) => ({ name, kind, labels: labels === "" ? [] : labels.split(", ") }),
);

const families = parseExposition(createServiceMeter().text());

it("describes every metric that there is, and no other, with its kind", () => {
  const told = [...families].map(([name, { kind }]) => `${name} ${kind}`).toSorted();
  expect(described.map(({ name, kind }) => `${name} ${kind}`).toSorted()).toEqual(told);
});

it("names the labels that the metrics begin with", () => {
  for (const { name, labels } of described)
    for (const sample of families.get(name)?.samples ?? [])
      expect(Object.keys(sample.labels).filter((label) => label !== "le")).toEqual(labels);
});

it("has alerts on metrics that exist", () => {
  const asked = [...PAGE.matchAll(/^ +expr: (.*)$/gm)].flatMap(([, text = ""]) => [
    ...text.matchAll(/\b(?:waybill|attest|process)_[a-z_]+/g),
  ]);
  expect(asked.length).toBeGreaterThan(7);
  for (const [name] of asked) expect([...families.keys()]).toContain(name);
});
