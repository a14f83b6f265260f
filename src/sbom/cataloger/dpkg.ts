import type { FindOwners, CapturedFile, Cataloger, Findings, ImageView } from "#sbom/cataloger.ts";
import { canonicalPaths } from "#sbom/canonicalPaths.ts";
import { copyrightLicenses } from "#sbom/dpkg/copyrightLicenses.ts";
import { describePackage } from "#sbom/dpkg/describePackage.ts";
import { findDatabases } from "#sbom/dpkg/findDatabases.ts";
import type { DpkgDatabase } from "#sbom/dpkg/findDatabases.ts";
import { linkDependencies } from "#sbom/dpkg/linkDependencies.ts";
import type { Installed } from "#sbom/dpkg/linkDependencies.ts";
import { locateDpkgFile } from "#sbom/dpkg/locateDpkgFile.ts";
import { ownedPaths } from "#sbom/dpkg/ownedPaths.ts";
import { readAutoInstalled } from "#sbom/dpkg/readAutoInstalled.ts";
import { readStatus } from "#sbom/dpkg/readStatus.ts";
import type { DpkgRecord } from "#sbom/dpkg/readStatus.ts";
import { firstLayer } from "#sbom/firstLayer.ts";
import { keepWhole } from "#sbom/keepWhole.ts";
import { mergeFindings } from "#sbom/mergeFindings.ts";
import type { Package, Unknown } from "#sbom/package.ts";
import { readDistro } from "#sbom/readDistro.ts";
import { readOrState } from "#sbom/readOrState.ts";
import { reduceWhole } from "#sbom/reduceWhole.ts";

const MAX_STATUS = 64 * 1024 * 1024;
const MAX_LIST = 16 * 1024 * 1024;
const MAX_COPYRIGHT = 4 * 1024 * 1024;

/** Debian packages: /var/lib/dpkg/status and status.d, of the image and of file systems inside it (reference 1.3). */
export const dpkg: Cataloger = {
  name: "dpkg",
  wants: (entry) => {
    const kind = locateDpkgFile(entry.path)?.kind;
    if (kind === undefined) return undefined;
    if (kind === "copyright") return reduceWhole(entry.size, MAX_COPYRIGHT, "copyright file", reduceCopyright);
    if (kind === "list" || kind === "md5sums") return keepWhole(entry.size, MAX_LIST, "dpkg file list");
    return keepWhole(entry.size, MAX_STATUS, "dpkg database");
  },
  catalog: (view) =>
    mergeFindings(
      "complete",
      findDatabases(view.captured("dpkg")).map((database) => catalogDatabase(view, database)),
    ),
};

interface Described extends Installed {
  readonly package: Package;
}

const catalogDatabase = (view: ImageView, database: DpkgDatabase): Findings => {
  const unknowns: Unknown[] = [];
  const describe = describer(view, database.root);
  const installed: Described[] = [];
  for (const file of database.statusFiles) {
    const status = readOrState(file, unknowns, readStatus);
    if (status === undefined) continue;
    if (status.refused > 0) {
      const reason = `${status.refused} entries without a usable name or version`;
      unknowns.push({ path: file.path, layer: file.layer, reason });
    }
    installed.push(...describe(file, status.records));
  }
  const direct = findDirect(database, installed, unknowns);
  return {
    packages: installed.map((one) => one.package),
    edges: linkDependencies(installed),
    unknowns,
    owned: findOwned(view, database, installed),
    completeness: "complete",
    ...(direct === undefined ? {} : { direct }),
  };
};

const describer = (
  view: ImageView,
  root: string,
): ((file: CapturedFile, records: readonly DpkgRecord[]) => readonly Described[]) => {
  const distro = root === "" ? view.distro : readDistro(view, root);
  const licensesOf = licenseReader(view, root);
  return (file, records) => {
    const first = firstLayer(view.history(file.path), (bytes) => readStatus(bytes).records.map(recordKey));
    return records.map((record) => {
      const found = describePackage(record, {
        distro,
        place: { path: file.path, layer: file.layer },
        introducedIn: first.get(recordKey(record)) ?? file.layer,
        ...licensesOf(record.name),
      });
      return { id: found.id, record, package: found };
    });
  };
};

const recordKey = (record: DpkgRecord): string => `${record.name} ${record.version} ${record.architecture ?? ""}`;

const reduceCopyright = (bytes: Buffer): Uint8Array => Buffer.from(JSON.stringify(copyrightLicenses(bytes)));

// A link at the copyright's path may lead anywhere: only bytes that `reduceCopyright` wrote are read as such.
const licenseReader = (
  view: ImageView,
  root: string,
): ((name: string) => Pick<Package, "licenses" | "licenseSource">) => {
  const copyrights = new Map(
    view
      .captured("dpkg")
      .filter((file) => locateDpkgFile(file.path)?.kind === "copyright")
      .map((file) => [file.path, file.bytes]),
  );
  return (name) => {
    const path = view.realPath(`${root}usr/share/doc/${name}/copyright`) ?? "";
    const bytes = copyrights.get(path);
    if (bytes === undefined) return { licenses: [] };
    const licenses = JSON.parse(Buffer.from(bytes).toString()) as Package["licenses"];
    return { licenses, licenseSource: path };
  };
};

const findOwned =
  (view: ImageView, { fileLists, root }: DpkgDatabase, installed: readonly Installed[]): FindOwners =>
  (files) => {
    const canonical = canonicalPaths(view);
    const names = new Set([...files].map((path) => path.slice(path.lastIndexOf("/") + 1)));
    const owned = new Map<string, string>();
    for (const { id, record } of names.size === 0 ? [] : installed) {
      const list = fileLists.get(record.name) ?? fileLists.get(`${record.name}:${record.architecture ?? ""}`);
      for (const path of list === undefined ? [] : ownedPaths(list.file.bytes, list.kind, names)) {
        const real = canonical(`${root}${path}`);
        if (real !== undefined && files.has(real)) owned.set(real, id);
      }
    }
    return owned;
  };

const findDirect = (
  database: DpkgDatabase,
  installed: readonly Installed[],
  unknowns: Unknown[],
): readonly string[] | undefined => {
  if (database.extendedStates === undefined) return undefined;
  const auto = readOrState(database.extendedStates, unknowns, readAutoInstalled);
  return auto && installed.filter(({ record }) => !auto.has(record.name)).map(({ id }) => id);
};
