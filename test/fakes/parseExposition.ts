/** One line of Prometheus' text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly kind: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(,|$)/;
const SUFFIXES = ["_bucket", "_sum", "_count"];

/**
 * Prometheus' text format 0.0.4, more strictly than Prometheus reads it: each family once, HELP and TYPE before its samples, no
 * series twice, names legal, histograms whole and cumulative. Throws at whatever is not so.
 */
export const parseExposition = (text: string): ReadonlyMap<string, Family> => {
  if (!text.endsWith("\n")) throw new TypeError("the last line has no end");
  const families = new Map<string, Family & { samples: Sample[] }>();
  const seen = new Set<string>();
  let help: { readonly name: string; readonly text: string } | undefined;
  let current = "";
  for (const line of text.slice(0, -1).split("\n")) {
    const [, word, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (word === "HELP") {
      if (families.has(name) || !NAME.test(name)) throw new TypeError(`family twice or of a bad name: ${line}`);
      help = { name, text: rest };
    } else if (word === "TYPE") {
      if (help?.name !== name || !/^(?:counter|gauge|histogram)$/.test(rest)) throw new TypeError(`bad TYPE: ${line}`);
      if (rest === "counter" && !name.endsWith("_total")) throw new TypeError(`a counter ends with _total: ${line}`);
      families.set(name, { kind: rest, help: help.text, samples: [] });
      current = name;
    } else {
      const sample = parseSample(line);
      const family = families.get(current);
      if (family === undefined || familyOf(sample.name, family.kind) !== current) throw new TypeError(`stray: ${line}`);
      const key = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).toSorted(([a], [b]) => (a < b ? -1 : 1)))}`;
      if (seen.has(key)) throw new TypeError(`twice: ${line}`);
      seen.add(key);
      family.samples.push(sample);
    }
  }
  for (const [name, family] of families) if (family.kind === "histogram") checkHistogram(name, family.samples);
  return families;
};

const familyOf = (name: string, kind: string): string => {
  const suffix = kind === "histogram" ? SUFFIXES.find((one) => name.endsWith(one)) : undefined;
  return suffix === undefined ? name : name.slice(0, -suffix.length);
};

const parseSample = (line: string): Sample => {
  const [, name = "", inner, number = ""] = /^([^\s{]+)(?:\{(.*)\})? (\S+)$/s.exec(line) ?? [];
  if (!NAME.test(name) || !/^(?:[+-]?[0-9.]+(?:e[+-]?[0-9]+)?|NaN|[+-]Inf)$/.test(number))
    throw new TypeError(`bad sample: ${line}`);
  const labels: Record<string, string> = {};
  for (let rest = inner ?? ""; rest !== "";) {
    const found = LABEL.exec(rest);
    if (found === null) throw new TypeError(`bad labels: ${line}`);
    const [all, label = "", value = ""] = found;
    if (Object.hasOwn(labels, label)) throw new TypeError(`a label twice: ${line}`);
    labels[label] = value.replaceAll(/\\(.)/g, (_, one: string) => (one === "n" ? "\n" : one));
    rest = rest.slice(all.length);
  }
  return { name, labels, value: Number(number.replace("Inf", "Infinity")) };
};

const checkHistogram = (name: string, samples: readonly Sample[]): void => {
  const series = Map.groupBy(samples, ({ labels }) =>
    JSON.stringify(Object.entries(labels).filter(([label]) => label !== "le")),
  );
  for (const [labels, all] of series) {
    const buckets = all.filter((one) => one.name === `${name}_bucket`);
    const bounds = buckets.map((one) => Number(one.labels["le"]?.replace("Inf", "Infinity")));
    const counts = buckets.map((one) => one.value);
    const rises = (list: readonly number[], strictly: boolean): boolean =>
      list.every((one, at) => at === 0 || (strictly ? one > (list[at - 1] ?? 0) : one >= (list[at - 1] ?? 0)));
    const count = all.find((one) => one.name === `${name}_count`)?.value;
    const sums = all.filter((one) => one.name === `${name}_sum`);
    const isWhole = bounds.at(-1) === Infinity && counts.at(-1) === count && sums.length === 1;
    if (!isWhole || !rises(bounds, true) || !rises(counts, false))
      throw new TypeError(`bad histogram ${name} ${labels}`);
  }
};
