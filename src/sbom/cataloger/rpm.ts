import { WaybillError } from "#core/errors.ts";
import { canonicalPaths } from "#sbom/canonicalPaths.ts";
import type { CapturedFile, Cataloger, FindOwners, Findings, ImageView } from "#sbom/cataloger.ts";
import { mergeFindings } from "#sbom/mergeFindings.ts";
import type { Distro, Package, Unknown } from "#sbom/package.ts";
import { readDistro } from "#sbom/readDistro.ts";
import { reduceWhole } from "#sbom/reduceWhole.ts";
import { databaseStates } from "#sbom/rpm/databaseStates.ts";
import type { DatabaseState } from "#sbom/rpm/databaseStates.ts";
import { describePackage, versionOf } from "#sbom/rpm/describePackage.ts";
import { headersInHash } from "#sbom/rpm/headersInHash.ts";
import { headersInNdb } from "#sbom/rpm/headersInNdb.ts";
import { linkDependencies } from "#sbom/rpm/linkDependencies.ts";
import type { InstalledRpm } from "#sbom/rpm/linkDependencies.ts";
import { locateRpmFile } from "#sbom/rpm/locateRpmFile.ts";
import type { RpmFile } from "#sbom/rpm/locateRpmFile.ts";
import { reduceHeaders } from "#sbom/rpm/reduceHeaders.ts";
import { reduceManifest } from "#sbom/rpm/reduceManifest.ts";
import { reduceLog } from "#sbom/rpm/reducedLog.ts";
import { reduceSqlite } from "#sbom/rpm/reduceSqlite.ts";
import type { RpmRecord } from "#sbom/rpm/rpmRecord.ts";

const NAME = "rpm";
// It is in memory while it is read. A package takes 40 KiB, in Berkeley DB up to 120.
const MAX_DATABASE = 192 * 1024 * 1024;
const MAX_MANIFEST = 64 * 1024 * 1024;

const REDUCERS: Readonly<Record<RpmFile["kind"], (file: Buffer) => Uint8Array | undefined>> = {
  sqlite: reduceSqlite,
  log: reduceLog,
  hash: (file) => reduceHeaders(file, headersInHash),
  ndb: (file) => reduceHeaders(file, headersInNdb),
  manifest: reduceManifest,
};

/**
 * rpm's packages, in each of its databases: SQLite with its write-ahead log, Berkeley DB, ndb, and the list that stands for
 * one in Azure Linux's distroless images; of the image and of file systems inside it (reference 1.5).
 */
export const rpm: Cataloger = {
  name: NAME,
  wants: (entry) => {
    const kind = locateRpmFile(entry.path)?.kind;
    if (kind === undefined) return undefined;
    const cap = kind === "manifest" ? MAX_MANIFEST : MAX_DATABASE;
    return reduceWhole(entry.size, cap, "rpm database", REDUCERS[kind]);
  },
  catalog: (view) => {
    const found = view.captured(NAME).flatMap((file) => catalogFile(view, file));
    const lists = found.some(({ completeness }) => completeness === "incomplete");
    return mergeFindings(lists ? "incomplete" : "complete", found);
  },
};

interface Described extends InstalledRpm {
  readonly package: Package;
}

const catalogFile = (view: ImageView, file: CapturedFile): readonly Findings[] => {
  const located = locateRpmFile(file.path);
  // A log is read with its database; one without is nothing to SQLite either.
  if (located === undefined || located.kind === "log") return [];
  const { states, gaps } = databaseStates(view, file);
  const unknowns = gaps.map((reason): Unknown => ({ path: file.path, layer: file.layer, reason }));
  const distro = located.root === "" ? view.distro : readDistro(view, located.root);
  const installed = describeAll(file, states, distro, unknowns);
  const { edges, complete } = linkDependencies(installed);
  if (!complete) unknowns.push({ path: file.path, layer: file.layer, reason: "more dependencies than are looked for" });
  return [
    {
      packages: installed.map((one) => one.package),
      edges,
      unknowns,
      owned: findOwned(view, located.root, installed),
      // A list names no dependencies.
      completeness: located.kind === "manifest" ? "incomplete" : "complete",
    },
  ];
};

const describeAll = (
  file: CapturedFile,
  states: readonly DatabaseState[],
  distro: Distro | undefined,
  unknowns: Unknown[],
): readonly Described[] => {
  const first = new Map<string, number>();
  for (const { layer, records } of states)
    for (const record of records) if (!first.has(recordKey(record))) first.set(recordKey(record), layer);
  const described: Described[] = [];
  let refused = 0;
  for (const record of states.at(-1)?.records ?? []) {
    const place = { path: file.path, layer: file.layer };
    const found = describeOrRefuse(record, distro, place, first.get(recordKey(record)) ?? file.layer);
    if (found === undefined) refused++;
    else described.push({ id: found.id, record, package: found });
  }
  if (refused > 0)
    unknowns.push({ path: file.path, layer: file.layer, reason: `${refused} entries without a usable name` });
  return described;
};

const recordKey = (record: RpmRecord): string => `${record.name} ${versionOf(record)} ${record.architecture ?? ""}`;

const describeOrRefuse = (
  record: RpmRecord,
  distro: Distro | undefined,
  place: Package["occurrences"][number],
  introducedIn: number,
): Package | undefined => {
  try {
    return describePackage(record, { distro, place, introducedIn });
  } catch (thrown) {
    if (thrown instanceof WaybillError) return undefined;
    throw thrown;
  }
};

const findOwned =
  (view: ImageView, root: string, installed: readonly InstalledRpm[]): FindOwners =>
  (files) => {
    const canonical = canonicalPaths(view);
    const names = new Set([...files].map((path) => path.slice(path.lastIndexOf("/") + 1)));
    const owned = new Map<string, string>();
    for (const { id, record } of names.size === 0 ? [] : installed) {
      for (const [index, inside] of record.files.entries()) {
        for (const name of inside) {
          if (!names.has(name)) continue;
          const real = canonical(`${root}${record.directories[index] ?? ""}${name}`);
          if (real !== undefined && files.has(real)) owned.set(real, id);
        }
      }
    }
    return owned;
  };
