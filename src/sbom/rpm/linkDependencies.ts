import type { Edge } from "#sbom/package.ts";
import { isSatisfied } from "#sbom/rpm/isSatisfied.ts";
import { readRichRelation } from "#sbom/rpm/richRelation.ts";
import type { RichRelation } from "#sbom/rpm/richRelation.ts";
import type { RpmRecord, RpmRelation } from "#sbom/rpm/rpmRecord.ts";

/** An installed package and the id it has in the document. */
export interface InstalledRpm {
  readonly id: string;
  readonly record: RpmRecord;
}

export interface RpmLinks {
  readonly edges: readonly Edge[];
  /** False where a hostile database makes more of them than are looked for. */
  readonly complete: boolean;
}

interface Provider {
  readonly package: InstalledRpm;
  readonly relation: RpmRelation;
}

// The largest installations need a tenth.
const LIMITS = { comparisons: 1_000_000, edges: 100_000 };

/**
 * Edges for what the packages of one database require: to whatever provides it in a version that fits, or owns the file;
 * to one of its own architecture where several do. Of a boolean dependency those parts count that rpm would look for in
 * this database. Requirements that nothing here fulfils (installed by force) give none.
 */
export const linkDependencies = (installed: readonly InstalledRpm[], limits = LIMITS): RpmLinks => {
  const providers = providersOf(installed);
  const edges: Edge[] = [];
  let comparisons = 0;
  for (const from of installed) {
    const find = (relation: RpmRelation): ReadonlySet<string> => {
      const candidates = providers.get(relation[0]) ?? [];
      comparisons += candidates.length;
      if (comparisons > limits.comparisons) return new Set();
      const fitting = candidates.filter((one) => isSatisfied(relation, one.relation)).map((one) => one.package);
      return new Set(sameArchitecture(from, fitting).map(({ id }) => id));
    };
    const needed = new Set(from.record.requires.flatMap((relation) => [...resolve(relation, find)]));
    if (comparisons > limits.comparisons || edges.length + needed.size > limits.edges)
      return { edges, complete: false };
    for (const to of needed) if (to !== from.id) edges.push({ from: from.id, to });
  }
  return { edges, complete: true };
};

const providersOf = (installed: readonly InstalledRpm[]): ReadonlyMap<string, readonly Provider[]> => {
  const providers = new Map<string, Provider[]>();
  const add = (name: string, provider: Provider): void => {
    const known = providers.get(name);
    if (known === undefined) providers.set(name, [provider]);
    else known.push(provider);
  };
  for (const one of installed) for (const relation of one.record.provides) add(relation[0], { package: one, relation });
  const wanted = requiredFiles(installed);
  for (const one of wanted.size === 0 ? [] : installed)
    for (const path of ownedOf(one.record, wanted)) add(`/${path}`, { package: one, relation: [path] });
  return providers;
};

/** Paths without leading slash, by their last name: those of a database are too many to put together. */
const requiredFiles = (installed: readonly InstalledRpm[]): ReadonlyMap<string, ReadonlySet<string>> => {
  const byName = new Map<string, Set<string>>();
  for (const { record } of installed) {
    for (const [stated] of record.requires) {
      for (const path of stated.startsWith("(") ? stated.split(/[\s()]+/) : [stated]) {
        if (!path.startsWith("/")) continue;
        const name = path.slice(path.lastIndexOf("/") + 1);
        const known = byName.get(name);
        if (known === undefined) byName.set(name, new Set([path.slice(1)]));
        else known.add(path.slice(1));
      }
    }
  }
  return byName;
};

function* ownedOf(record: RpmRecord, wanted: ReadonlyMap<string, ReadonlySet<string>>): Generator<string> {
  for (const [index, names] of record.files.entries()) {
    for (const name of names) {
      const path = wanted.has(name) ? `${record.directories[index] ?? ""}${name}` : "";
      if (wanted.get(name)?.has(path) === true) yield path;
    }
  }
}

const sameArchitecture = (from: InstalledRpm, found: readonly InstalledRpm[]): readonly InstalledRpm[] => {
  const same = found.filter(({ record }) => fits(from.record.architecture, record.architecture));
  return same.length > 0 ? same : found;
};

const fits = (wanted: string | undefined, offered: string | undefined): boolean =>
  wanted === offered || wanted === "noarch" || offered === "noarch";

type Find = (relation: RpmRelation) => ReadonlySet<string>;

const NONE: ReadonlySet<string> = new Set();

const resolve = (relation: RpmRelation, find: Find): ReadonlySet<string> => {
  if (!relation[0].startsWith("(")) return find(relation);
  const rich = readRichRelation(relation[0]);
  return rich === undefined ? NONE : resolveRich(rich, find);
};

/** The packages by which this database fulfils a part; none where it does not, or need not. */
const resolveRich = (rich: RichRelation, find: Find): ReadonlySet<string> => {
  if (rich.kind === "one") return find(rich.relation);
  const parts = rich.parts.map((part) => resolveRich(part, find));
  const [first = NONE, second = NONE, third = NONE] = parts;
  switch (rich.kind) {
    case "if":
      return second.size > 0 ? first : third;
    case "unless":
      return second.size > 0 ? third : first;
    case "with":
      return first.intersection(second);
    case "without":
      return first.difference(second);
    case "and":
    case "or":
      return new Set(parts.flatMap((part) => [...part]));
  }
};
