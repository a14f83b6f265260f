import type { CapturedFile, ImageView } from "#sbom/cataloger.ts";
import { describePackage } from "#sbom/dpkg/describePackage.ts";
import type { DpkgDatabase } from "#sbom/dpkg/findDatabases.ts";
import type { Installed } from "#sbom/dpkg/linkDependencies.ts";
import { readLicensesOf } from "#sbom/dpkg/readLicensesOf.ts";
import type { ChiselManifest, ChiselPackage } from "#sbom/dpkg/readChiselManifest.ts";
import { readStatus } from "#sbom/dpkg/readStatus.ts";
import type { DpkgRecord } from "#sbom/dpkg/readStatus.ts";
import { firstLayer } from "#sbom/firstLayer.ts";
import type { Occurrence, Package, Unknown } from "#sbom/package.ts";
import { readFacts } from "#sbom/keptFacts.ts";
import { readDistro } from "#sbom/readDistro.ts";
import { readOrState } from "#sbom/readOrState.ts";

/** A package of a database. */
export interface DescribedDeb extends Installed {
  readonly package: Package;
  /** Where its record stands. */
  readonly place: Occurrence;
  readonly chisel: ChiselPackage | undefined;
}

/** What one file lists: records of dpkg, or packages of chisel. */
interface Listed {
  readonly file: CapturedFile;
  readonly entries: readonly { readonly record: DpkgRecord; readonly chisel: ChiselPackage | undefined }[];
}

/**
 * All packages of a database. One that dpkg's status and chisel's manifest both know in the same version is described by the
 * status, with the hashes and slices of the manifest.
 */
export const describeDatabase = (
  view: ImageView,
  database: DpkgDatabase,
  unknowns: Unknown[],
): readonly DescribedDeb[] => {
  const sliced = new Map<string, readonly [ChiselPackage, CapturedFile]>();
  for (const file of database.manifests) {
    const manifest = readOrState(file, unknowns, reducedManifest);
    for (const one of manifest?.packages ?? []) if (!sliced.has(keyOf(one))) sliced.set(keyOf(one), [one, file]);
    if (manifest === undefined) continue;
    state(file, manifest.refused, unknowns);
    if (!manifest.isWhole)
      unknowns.push({ path: file.path, layer: file.layer, reason: "not as many lines as its header says" });
  }
  const listed: Listed[] = [];
  const taken = new Set<string>();
  for (const file of database.statusFiles) {
    const status = readOrState(file, unknowns, readStatus);
    if (status === undefined) continue;
    state(file, status.refused, unknowns);
    const entries = status.records.map((record) => ({ record, chisel: sliced.get(keyOf(record))?.[0] }));
    for (const { record } of entries) taken.add(keyOf(record));
    listed.push({ file, entries });
  }
  const bare = [...sliced].filter(([key]) => !taken.has(key)).map(([, one]) => one);
  for (const [file, of] of Map.groupBy(bare, ([, from]) => from))
    listed.push({ file, entries: of.map(([chisel]) => ({ record: recordOf(chisel), chisel })) });
  return listed.flatMap(describer(view, database.root));
};

const state = (file: CapturedFile, refused: number, unknowns: Unknown[]): void => {
  if (refused === 0) return;
  const reason = `${refused} entries without a usable name or version`;
  unknowns.push({ path: file.path, layer: file.layer, reason });
};

const reducedManifest = readFacts<ChiselManifest>;

const describer = (view: ImageView, root: string): ((listed: Listed) => readonly DescribedDeb[]) => {
  const distro = root === "" ? view.distro : readDistro(view, root);
  const licensesOf = readLicensesOf(view, root);
  return ({ file, entries }) => {
    const place = { path: file.path, layer: file.layer };
    const first = firstLayer(view.history(file.path), factsOf(file));
    return entries.map(({ record, chisel }) => {
      const introducedIn = first.get(keyOf(record)) ?? file.layer;
      const found = describePackage(record, { distro, place, introducedIn, ...licensesOf(record.name), chisel });
      return { id: found.id, record, package: found, place, chisel };
    });
  };
};

const factsOf =
  ({ path }: CapturedFile) =>
  (bytes: Uint8Array): readonly string[] =>
    (path.endsWith("manifest.wall") ? reducedManifest(bytes).packages : readStatus(bytes).records).map(keyOf);

const keyOf = (one: Pick<DpkgRecord, "name" | "version" | "architecture">): string =>
  `${one.name} ${one.version} ${one.architecture ?? ""}`;

// The manifest knows nothing else: no source, no dependencies, no maintainer.
const recordOf = ({ name, version, architecture }: ChiselPackage): DpkgRecord => ({
  name,
  version,
  architecture,
  source: undefined,
  maintainer: undefined,
  homepage: undefined,
  summary: undefined,
  depends: [],
  provides: "",
  builtUsing: undefined,
});
