import type { Cataloger, Findings, ImageView } from "#sbom/cataloger.ts";
import { copyrightLicenses } from "#sbom/dpkg/copyrightLicenses.ts";
import { describeDatabase } from "#sbom/dpkg/describeDatabase.ts";
import type { DescribedDeb } from "#sbom/dpkg/describeDatabase.ts";
import { findDatabases } from "#sbom/dpkg/findDatabases.ts";
import type { DpkgDatabase } from "#sbom/dpkg/findDatabases.ts";
import { findOwned } from "#sbom/dpkg/findOwned.ts";
import { linkDependencies } from "#sbom/dpkg/linkDependencies.ts";
import { locateDpkgFile } from "#sbom/dpkg/locateDpkgFile.ts";
import { readAutoInstalled } from "#sbom/dpkg/readAutoInstalled.ts";
import { readChiselManifest } from "#sbom/dpkg/readChiselManifest.ts";
import { keepFacts } from "#sbom/keptFacts.ts";
import { keepWhole } from "#sbom/keepWhole.ts";
import { mergeFindings } from "#sbom/mergeFindings.ts";
import type { Unknown } from "#sbom/package.ts";
import { readOrState } from "#sbom/readOrState.ts";
import { reduceWhole } from "#sbom/reduceWhole.ts";

const MAX_STATUS = 64 * 1024 * 1024;
const MAX_LIST = 16 * 1024 * 1024;
const MAX_COPYRIGHT = 4 * 1024 * 1024;
const MAX_MANIFEST = 16 * 1024 * 1024;

/**
 * Debian packages: /var/lib/dpkg/status, status.d and chisel's manifest.wall, of the image and of file systems inside it
 * (reference 1.3).
 */
export const dpkg: Cataloger = {
  name: "dpkg",
  wants: (entry) => {
    const kind = locateDpkgFile(entry.path)?.kind;
    if (kind === undefined) return undefined;
    if (kind === "copyright") return reduceWhole(entry.size, MAX_COPYRIGHT, "copyright file", reduceCopyright);
    if (kind === "manifest") return reduceWhole(entry.size, MAX_MANIFEST, "chisel manifest", reduceManifest);
    if (kind === "status" || kind === "stanza") return keepWhole(entry.size, MAX_STATUS, "dpkg database");
    return keepWhole(entry.size, MAX_LIST, kind === "extended-states" ? "apt's extended_states" : "dpkg file list");
  },
  catalog: (view) => {
    const found = findDatabases(view.captured("dpkg")).map((database) => catalogDatabase(view, database));
    return mergeFindings(found.every((one) => one.completeness === "complete") ? "complete" : "unknown", found);
  },
};

const reduceCopyright = (bytes: Buffer): Uint8Array => keepFacts(copyrightLicenses(bytes));

const reduceManifest = (bytes: Buffer): Uint8Array => keepFacts(readChiselManifest(bytes));

const catalogDatabase = (view: ImageView, database: DpkgDatabase): Findings => {
  const unknowns: Unknown[] = [];
  const installed = describeDatabase(view, database, unknowns);
  const direct = findDirect(database, installed, unknowns);
  const manifests = new Set(database.manifests.map(({ path }) => path));
  return {
    packages: installed.map((one) => one.package),
    edges: linkDependencies(installed),
    unknowns,
    owned: findOwned(view, database, installed),
    // A manifest of chisel names no dependencies.
    completeness: installed.some(({ place }) => manifests.has(place.path)) ? "unknown" : "complete",
    ...(direct === undefined ? {} : { direct }),
  };
};

const findDirect = (
  database: DpkgDatabase,
  installed: readonly DescribedDeb[],
  unknowns: Unknown[],
): readonly string[] | undefined => {
  if (database.extendedStates === undefined) return undefined;
  const isAuto = readOrState(database.extendedStates, unknowns, readAutoInstalled);
  return isAuto && installed.filter(({ record }) => !isAuto(record)).map(({ id }) => id);
};
