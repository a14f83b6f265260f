import { canonicalPaths } from "#sbom/canonicalPaths.ts";
import type { CapturedFile, Cataloger, FindOwners, Findings, ImageView } from "#sbom/cataloger.ts";
import { describePackage } from "#sbom/conda/describePackage.ts";
import { readRecord } from "#sbom/conda/readRecord.ts";
import type { CondaRecord } from "#sbom/conda/readRecord.ts";
import { firstLayer } from "#sbom/firstLayer.ts";
import { keepFacts, readFacts } from "#sbom/keptFacts.ts";
import { mergeFindings } from "#sbom/mergeFindings.ts";
import type { Package, Unknown } from "#sbom/package.ts";
import { readOrState } from "#sbom/readOrState.ts";
import { reduceWhole } from "#sbom/reduceWhole.ts";

const MAX_RECORD = 64 * 1024 * 1024;
const RECORD = /^(?:(.*)\/)?conda-meta\/[^/]+\.json$/;

/** conda packages: conda-meta/*.json of every prefix (sbom.md 1.8). They own the files that they list. */
export const conda: Cataloger = {
  name: "conda",
  wants: ({ path, size }) =>
    path.endsWith(".json") && RECORD.test(path)
      ? reduceWhole(size, MAX_RECORD, "conda record", (bytes) => keepFacts(readRecord(bytes)))
      : undefined,
  catalog: (view) => {
    const prefixes = Map.groupBy(view.captured("conda"), ({ path }) => RECORD.exec(path)?.[1] ?? "");
    const found = [...prefixes].map(([prefix, files]) => catalogPrefix(view, prefix, files));
    return mergeFindings(
      found.every(({ completeness }) => completeness === "complete") ? "complete" : "incomplete",
      found,
    );
  },
};

interface Described {
  readonly id: string;
  readonly name: string;
  readonly record: CondaRecord;
  readonly package: Package;
}

const catalogPrefix = (view: ImageView, prefix: string, files: readonly CapturedFile[]): Findings => {
  const unknowns: Unknown[] = [];
  const described = files.flatMap((file) => describeFile(view, file, unknowns));
  const byName = new Map(described.map(({ name, id }) => [name, id]));
  let isComplete = true;
  const edges = described.flatMap(({ id, record }) =>
    record.depends.flatMap((name) => {
      const to = byName.get(name);
      if (to === undefined) isComplete = false;
      return to === undefined ? [] : [{ from: id, to }];
    }),
  );
  const direct = described.filter(({ record }) => record.isRequested).map(({ id }) => id);
  return {
    packages: described.map((one) => one.package),
    edges,
    unknowns,
    owned: findOwned(view, prefix, described),
    completeness: isComplete ? "complete" : "incomplete",
    ...(direct.length > 0 ? { direct } : {}),
  };
};

const describeFile = (view: ImageView, file: CapturedFile, unknowns: Unknown[]): readonly Described[] => {
  const record = readOrState(file, unknowns, (bytes) => readFacts<CondaRecord>(bytes));
  if (record === undefined) return [];
  const { name } = record;
  if (name === undefined) {
    unknowns.push({ path: file.path, layer: file.layer, reason: "the conda record states no usable name" });
    return [];
  }
  const keyOf = (one: CondaRecord): string => `${one.name ?? ""} ${one.version ?? ""} ${one.build ?? ""}`;
  const first = firstLayer(view.history(file.path), (bytes) => [keyOf(readFacts<CondaRecord>(bytes))]);
  const place = { path: file.path, layer: file.layer };
  const found = describePackage({ ...record, name }, { place, introducedIn: first.get(keyOf(record)) ?? file.layer });
  return [{ id: found.id, name: found.name, record, package: found }];
};

const findOwned =
  (view: ImageView, prefix: string, described: readonly Described[]): FindOwners =>
  (files) => {
    const canonical = canonicalPaths(view);
    const owned = new Map<string, string>();
    for (const { id, record } of described) {
      for (const path of record.files) {
        const real = canonical(prefix === "" ? path : `${prefix}/${path}`);
        if (real !== undefined && files.has(real)) owned.set(real, id);
      }
    }
    return owned;
  };
