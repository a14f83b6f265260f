import type { FindOwners, CapturedFile, Cataloger, Findings, ImageView } from "#sbom/cataloger.ts";
import { describePackage } from "#sbom/apk/describePackage.ts";
import { dependencyNames } from "#sbom/apk/dependencyNames.ts";
import { linkDependencies } from "#sbom/apk/linkDependencies.ts";
import { providersOf } from "#sbom/apk/providersOf.ts";
import type { InstalledApk } from "#sbom/apk/providersOf.ts";
import { readInstalled } from "#sbom/apk/readInstalled.ts";
import type { ApkRecord } from "#sbom/apk/readInstalled.ts";
import { canonicalPaths } from "#sbom/canonicalPaths.ts";
import { firstLayer } from "#sbom/firstLayer.ts";
import { keepWhole } from "#sbom/keepWhole.ts";
import { mergeFindings } from "#sbom/mergeFindings.ts";
import type { Package, Unknown } from "#sbom/package.ts";
import { readDistro } from "#sbom/readDistro.ts";
import { readOrState } from "#sbom/readOrState.ts";

const MAX_DATABASE = 64 * 1024 * 1024;
const MAX_WORLD = 1024 * 1024;
const DATABASE = /^(.*\/)?(?:usr\/)?lib\/apk\/db\/installed$/;
const WORLD = /^(?:.*\/)?etc\/apk\/world$/;

/** Alpine and Wolfi packages: lib/apk/db/installed, under /usr where that is merged (reference 1.4). */
export const apk: Cataloger = {
  name: "apk",
  wants: (entry) => {
    if (entry.path.endsWith("lib/apk/db/installed") && DATABASE.test(entry.path)) {
      return keepWhole(entry.size, MAX_DATABASE, "apk database");
    }
    const isWorld = entry.path.endsWith("etc/apk/world") && WORLD.test(entry.path);
    return isWorld ? keepWhole(entry.size, MAX_WORLD, "apk world") : undefined;
  },
  catalog: (view) => {
    const databases = view.captured("apk").filter((file) => DATABASE.test(file.path));
    return mergeFindings(
      "complete",
      databases.map((file) => catalogDatabase(view, file)),
    );
  },
};

interface Described extends InstalledApk {
  readonly package: Package;
}

const catalogDatabase = (view: ImageView, file: CapturedFile): Findings => {
  const root = rootOf(file.path);
  const unknowns: Unknown[] = [];
  const database = readOrState(file, unknowns, readInstalled) ?? { records: [], refused: 0 };
  if (database.refused > 0) {
    const reason = `${database.refused} entries without a usable name or version`;
    unknowns.push({ path: file.path, layer: file.layer, reason });
  }
  const installed = describeAll(view, file, root, database.records);
  const providers = providersOf(installed);
  const direct = findDirect(view, root, providers);
  return {
    packages: installed.map((one) => one.package),
    edges: linkDependencies(installed, providers),
    unknowns,
    owned: findOwned(view, root, installed),
    completeness: "complete",
    ...(direct === undefined ? {} : { direct }),
  };
};

const rootOf = (path: string): string => DATABASE.exec(path)?.[1]?.replace(/(^|\/)usr\/$/, "$1") ?? "";

const describeAll = (
  view: ImageView,
  file: CapturedFile,
  root: string,
  records: readonly ApkRecord[],
): readonly Described[] => {
  const distro = root === "" ? view.distro : readDistro(view, root);
  const first = firstLayer(view.history(file.path), (bytes) => readInstalled(bytes).records.map(recordKey));
  return records.map((record) => {
    const found = describePackage(record, {
      distro,
      place: { path: file.path, layer: file.layer },
      introducedIn: first.get(recordKey(record)) ?? file.layer,
    });
    return { id: found.id, record, package: found };
  });
};

const recordKey = (record: ApkRecord): string => `${record.name} ${record.version}`;

const findDirect = (
  view: ImageView,
  root: string,
  providers: ReadonlyMap<string, readonly string[]>,
): readonly string[] | undefined => {
  const path = view.realPath(`${root}etc/apk/world`);
  const world = view.captured("apk").find((file) => file.path === path);
  if (world === undefined || !WORLD.test(world.path)) return undefined;
  const names = dependencyNames(new TextDecoder().decode(world.bytes));
  return names.flatMap((name) => providers.get(name) ?? []);
};

const findOwned =
  (view: ImageView, root: string, installed: readonly InstalledApk[]): FindOwners =>
  (files) => {
    const canonical = canonicalPaths(view);
    const owned = new Map<string, string>();
    for (const { id, record } of installed) {
      for (const path of record.files) {
        const real = canonical(`${root}${path}`);
        if (real !== undefined && files.has(real)) owned.set(real, id);
      }
    }
    return owned;
  };
