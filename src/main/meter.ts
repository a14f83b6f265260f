/** What the service counts, by name; names as in evidence.md 4.4, base units, no names of apps or digests as labels. */
const METRICS = {
  attest_sign_requests_total: { kind: "counter", help: "Signatures asked for, by result." },
  attest_sign_duration_seconds: { kind: "histogram", help: "Time that one signature took." },
  attest_ingest_documents_total: { kind: "counter", help: "Papers kept, by kind." },
  waybill_jobs_total: { kind: "counter", help: "Jobs that a worker took up, by result." },
  waybill_job_duration_seconds: { kind: "histogram", help: "Time that a worker spent on one job." },
  waybill_http_requests_total: { kind: "counter", help: "Requests, by method and status." },
  waybill_http_request_duration_seconds: { kind: "histogram", help: "Time from a request to the head of its answer." },
  waybill_key_available: { kind: "gauge", help: "1 while the service has a key that it can sign with." },
} as const satisfies MetricTable<string>;

export type MetricName = keyof typeof METRICS;
type Labels = Readonly<Record<string, string>>;

/** Counts in memory, told as Prometheus' text format 0.0.4. */
export interface MeterOf<N extends string> {
  readonly count: (name: N, labels?: Labels, by?: number) => void;
  /** One observation, seconds. */
  readonly observe: (name: N, seconds: number, labels?: Labels) => void;
  readonly set: (name: N, value: number) => void;
  readonly text: () => string;
}

export type Meter = MeterOf<MetricName>;

/** Metrics by name: what they are, and what they say in a line. */
type MetricTable<N extends string> = Readonly<
  Record<N, { readonly kind: "counter" | "histogram" | "gauge"; readonly help: string }>
>;

// A local read takes under a millisecond, the papers of a large image a minute.
const BUCKETS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60];

interface Histogram {
  readonly labels: Labels;
  readonly buckets: number[];
  sum: number;
  count: number;
}

export const createMeter = (): Meter => createMeterOf(METRICS);

export const createMeterOf = <N extends string>(table: MetricTable<N>): MeterOf<N> => {
  const values = new Map<N, Map<string, number>>();
  const histograms = new Map<N, Map<string, Histogram>>();
  const valuesOf = (name: N): Map<string, number> => upsert(values, name, () => new Map<string, number>());
  return {
    count: (name, labels = {}, by = 1) => {
      const key = labelText(labels);
      valuesOf(name).set(key, (valuesOf(name).get(key) ?? 0) + by);
    },
    set: (name, value) => void valuesOf(name).set("", value),
    observe: (name, seconds, labels = {}) => {
      const series = upsert(histograms, name, () => new Map<string, Histogram>());
      const one = upsert(series, labelText(labels), () => ({
        labels,
        buckets: BUCKETS.map(() => 0),
        sum: 0,
        count: 0,
      }));
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
