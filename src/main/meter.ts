export type Labels = Readonly<Record<string, string>>;

/** Counts in memory, told as Prometheus' text format 0.0.4. */
export interface MeterOf<N extends string> {
  readonly count: (name: N, labels?: Labels, by?: number) => void;
  /** One observation, seconds. */
  readonly observe: (name: N, seconds: number, labels?: Labels) => void;
  readonly set: (name: N, value: number, labels?: Labels) => void;
  /** Forgets all values of a gauge: what was true a while ago is not told as if it were of now. */
  readonly clear: (name: N) => void;
  readonly text: () => string;
}

/** What a metric is, and what it says in a line. */
export interface Metric {
  readonly kind: "counter" | "histogram" | "gauge";
  readonly help: string;
  /** Series that are known in advance and begin with nothing; `[{}]` for one without labels. */
  readonly from?: readonly Labels[];
}

/** Metrics by name. */
export type MetricTable<N extends string> = Readonly<Record<N, Metric>>;

// A local read takes under a millisecond, the papers of a large image a minute.
const BUCKETS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60];

interface Histogram {
  readonly labels: Labels;
  readonly buckets: number[];
  sum: number;
  count: number;
}

export const createMeterOf = <N extends string>(table: MetricTable<N>): MeterOf<N> => {
  const values = new Map<N, Map<string, number>>();
  const histograms = new Map<N, Map<string, Histogram>>();
  const valuesOf = (name: N): Map<string, number> => upsert(values, name, () => new Map<string, number>());
  const histogramOf = (name: N, labels: Labels): Histogram => {
    const series = upsert(histograms, name, () => new Map<string, Histogram>());
    return upsert(series, labelText(labels), () => ({ labels, buckets: BUCKETS.map(() => 0), sum: 0, count: 0 }));
  };
  for (const name of Object.keys(table) as N[]) {
    const { kind, from = [] } = table[name];
    for (const labels of from)
      if (kind === "histogram") histogramOf(name, labels);
      else valuesOf(name).set(labelText(labels), 0);
  }
  return {
    count: (name, labels = {}, by = 1) => {
      const key = labelText(labels);
      valuesOf(name).set(key, (valuesOf(name).get(key) ?? 0) + by);
    },
    set: (name, value, labels = {}) => void valuesOf(name).set(labelText(labels), value),
    clear: (name) => void values.delete(name),
    observe: (name, seconds, labels = {}) => {
      const one = histogramOf(name, labels);
      for (const [index, bound] of BUCKETS.entries())
        if (seconds <= bound) one.buckets[index] = (one.buckets[index] ?? 0) + 1;
      one.sum += seconds;
      one.count++;
    },
    text: () =>
      Object.keys(table)
        .map((key) => {
          const name = key as N;
          const { kind, help } = table[name];
          const lines = [...valueLines(name, values.get(name)), ...histogramLines(name, histograms.get(name))];
          return [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`, ...lines].join("\n");
        })
        .join("\n")
        .concat("\n"),
  };
};

const upsert = <K, V>(map: Map<K, V>, key: K, make: () => V): V => {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
};

const valueLines = (name: string, series: ReadonlyMap<string, number> = new Map()): readonly string[] =>
  [...series].map(([labels, value]) => `${name}${labels} ${value}`);

const histogramLines = (name: string, series: ReadonlyMap<string, Histogram> = new Map()): readonly string[] =>
  [...series.values()].flatMap(({ labels, buckets, sum, count }) => [
    ...buckets.map((value, index) => `${name}_bucket${labelText({ ...labels, le: String(BUCKETS[index]) })} ${value}`),
    `${name}_bucket${labelText({ ...labels, le: "+Inf" })} ${count}`,
    `${name}_sum${labelText(labels)} ${sum}`,
    `${name}_count${labelText(labels)} ${count}`,
  ]);

const labelText = (labels: Labels): string => {
  const parts = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replace(/[\\"\n]/g, escapeCharacter)}"`,
  );
  return parts.length === 0 ? "" : `{${parts.join(",")}}`;
};

const escapeCharacter = (character: string): string => (character === "\n" ? "\\n" : `\\${character}`);
