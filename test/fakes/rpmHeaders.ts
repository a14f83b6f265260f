/** What a package header says, in the words of its tags; paths are absolute. */
export interface RpmFacts {
  readonly name: string;
  readonly version?: string;
  readonly release?: string;
  readonly epoch?: number;
  readonly arch?: string;
  readonly license?: string;
  readonly vendor?: string;
  readonly packager?: string;
  readonly summary?: string;
  readonly url?: string;
  readonly sourceRpm?: string;
  readonly module?: string;
  /** `name`, or `name >= 1:2-3`. */
  readonly provides?: readonly string[];
  readonly requires?: readonly string[];
  readonly files?: readonly string[];
  readonly sha256?: string;
  /** Bytes that only make the header larger. */
  readonly filler?: number;
}

type Value = string | readonly string[] | readonly number[] | Buffer;

const SENSES: Readonly<Record<string, number>> = { "<": 2, "<=": 10, "=": 8, ">": 4, ">=": 12 };

/** One package's header as databases keep it: the entries of the signed region, then those of the installation. */
export const rpmHeader = (facts: RpmFacts): Buffer => packHeader(tagsOf(facts), [[1008, [1_700_000_000]]]);

/** A header of these tags; `dribble` are entries that stand behind the region. */
export const packHeader = (
  tags: readonly (readonly [number, Value])[],
  dribble: readonly (readonly [number, Value])[] = [],
): Buffer => {
  const entries: Buffer[] = [];
  const parts: Buffer[] = [];
  let size = 0;
  const put = (tag: number, type: number, count: number, bytes: Buffer, width: number): void => {
    const padding = Buffer.alloc((width - (size % width)) % width);
    entries.push(numbers(tag, type, size + padding.length, count));
    parts.push(padding, bytes);
    size += padding.length + bytes.length;
  };
  for (const [tag, value] of tags) putValue(put, tag, value);
  // The trailer of the region: a copy of its entry, with the offset of the first entry as seen from there.
  const region = numbers(63, 7, size, 16);
  parts.push(numbers(63, 7, -16 * (tags.length + 1), 16));
  size += 16;
  for (const [tag, value] of dribble) putValue(put, tag, value);
  const data = Buffer.concat(parts);
  return Buffer.concat([numbers(entries.length + 1, data.length), region, ...entries, data]);
};

type Put = (tag: number, type: number, count: number, bytes: Buffer, width: number) => void;

const putValue = (put: Put, tag: number, value: Value): void => {
  if (Buffer.isBuffer(value)) return put(tag, 7, value.length, value, 1);
  if (typeof value === "string") return put(tag, 6, 1, Buffer.from(`${value}\0`), 1);
  if (value.every((one) => typeof one === "number")) return put(tag, 4, value.length, numbers(...value), 4);
  // Summaries are kept in several languages, the first of which is that of the C locale.
  return put(tag, tag === 1004 ? 9 : 8, value.length, Buffer.from(value.map((text) => `${text}\0`).join("")), 1);
};

const numbers = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeInt32BE(value | 0, 4 * index);
  return bytes;
};

const tagsOf = (facts: RpmFacts): readonly (readonly [number, Value])[] => {
  const { name, version = "1", release = "1", arch = "x86_64", epoch, sha256, filler } = facts;
  const tags: [number, Value | undefined][] = [
    [1000, name],
    [1001, version],
    [1002, release],
    [1003, epoch === undefined ? undefined : [epoch]],
    [1004, facts.summary === undefined ? undefined : [facts.summary, `${facts.summary} auf Deutsch`]],
    [1011, facts.vendor],
    [1014, facts.license],
    [1015, facts.packager],
    [1020, facts.url],
    [1022, arch],
    [1044, facts.sourceRpm],
    ...relationTags({ names: 1047, flags: 1112, versions: 1113 }, facts.provides),
    ...relationTags({ names: 1049, flags: 1048, versions: 1050 }, facts.requires),
    ...fileTags(facts.files ?? []),
    [5096, facts.module],
    [5118, sha256 === undefined ? undefined : [sha256]],
    [5119, sha256 === undefined ? undefined : [8]],
    [9999, filler === undefined ? undefined : Buffer.alloc(filler, 0x2e)],
  ];
  return tags.flatMap(([tag, value]) => (value === undefined ? [] : [[tag, value] as const]));
};

const relationTags = (
  tags: { readonly names: number; readonly flags: number; readonly versions: number },
  relations: readonly string[] = [],
): readonly [number, Value][] => {
  if (relations.length === 0) return [];
  const parsed = relations.map((one) => (one.startsWith("(") ? [one] : one.split(" ")));
  return [
    [tags.names, parsed.map(([name = ""]) => name)],
    [tags.flags, parsed.map(([, sense = ""]) => SENSES[sense] ?? 0)],
    [tags.versions, parsed.map(([, , version = ""]) => version)],
  ];
};

const fileTags = (files: readonly string[]): readonly [number, Value][] => {
  if (files.length === 0) return [];
  const split = files.map((path) => [path.slice(0, path.lastIndexOf("/") + 1), path.slice(path.lastIndexOf("/") + 1)]);
  const directories = [...new Set(split.map(([directory = ""]) => directory))];
  return [
    [1116, split.map(([directory = ""]) => directories.indexOf(directory))],
    [1117, split.map(([, name = ""]) => name)],
    [1118, directories],
  ];
};
