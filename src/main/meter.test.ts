import { expect, it } from "vitest";
import { createMeterOf } from "#main/meter.ts";
import { parseExposition } from "../../test/fakes/parseExposition.ts";

const open = () =>
  createMeterOf({
    one_total: { kind: "counter", help: "One.", from: [{ result: "ok" }] },
    two_seconds: { kind: "histogram", help: "Two.", from: [{}] },
    three: { kind: "gauge", help: "Three." },
    four_total: { kind: "counter", help: "Four.", from: [{}] },
  });

it("lists what has not happened yet, with zeros where the series are known", () => {
  const families = parseExposition(open().text());
  expect([...families.keys()]).toEqual(["one_total", "two_seconds", "three", "four_total"]);
  expect(families.get("one_total")?.samples).toEqual([{ name: "one_total", labels: { result: "ok" }, value: 0 }]);
  expect(families.get("two_seconds")?.samples.at(-1)).toEqual({ name: "two_seconds_count", labels: {}, value: 0 });
  expect(families.get("three")).toEqual({ kind: "gauge", help: "Three.", samples: [] });
  expect(families.get("four_total")?.samples).toEqual([{ name: "four_total", labels: {}, value: 0 }]);
});

it("writes what a strict reader reads back, also values that would end a line or a label", () => {
  const meter = open();
  const hostile = ['a"b\\c\nd', '"} 1\nevil_total 2', "\\n", "\\", "", "}", ",", "é\u0000"];
  for (const result of hostile) meter.count("one_total", { result });
  meter.count("one_total", { result: "ok" }, 2);
  meter.count("one_total", { result: "ok" });
  for (const seconds of [0.0625, 100, 2 ** -24]) meter.observe("two_seconds", seconds);
  meter.observe("two_seconds", 0.001, { kind: 'a"\n' });
  meter.set("three", 1, { state: "a" });
  meter.set("three", 5, { state: "b" });
  const families = parseExposition(meter.text());
  const ones = families.get("one_total")?.samples.map(({ labels, value }) => [labels["result"], value]);
  expect(ones).toEqual([["ok", 3], ...hostile.map((one) => [one, 1])]);
  const twos = families.get("two_seconds")?.samples.filter(({ labels }) => labels["kind"] === undefined);
  expect(twos?.map(({ labels, value }) => labels["le"] ?? value)).toEqual(
    expect.arrayContaining(["0.001", "60", "+Inf", 100.0625 + 2 ** -24, 3]),
  );
  expect(twos?.find(({ labels }) => labels["le"] === "0.025")?.value).toBe(1);
  expect(twos?.find(({ labels }) => labels["le"] === "0.1")?.value).toBe(2);
  meter.clear("three");
  meter.set("three", 7, { state: "c" });
  const three = parseExposition(meter.text()).get("three");
  expect(three?.samples).toEqual([{ name: "three", labels: { state: "c" }, value: 7 }]);
});

it.each([
  ["a family twice", "# HELP a x\n# TYPE a gauge\na 1\n# HELP a x\n# TYPE a gauge\n"],
  ["a sample before its TYPE", "# HELP a x\na 1\n# TYPE a gauge\n"],
  ["a series twice", '# HELP a x\n# TYPE a gauge\na{b="1"} 1\na{b="1"} 2\n'],
  ["a line break in a label", '# HELP a x\n# TYPE a gauge\na{b="1\n2"} 1\n'],
  ["a bad name", "# HELP a-b x\n# TYPE a-b gauge\n"],
  [
    "buckets that fall",
    '# HELP h x\n# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n',
  ],
  ["a count of its own", '# HELP h x\n# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 2\n'],
])("has a reader that refuses %s", (_, text) => {
  expect(() => parseExposition(text)).toThrow(TypeError);
});
