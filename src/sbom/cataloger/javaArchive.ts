import { WaybillError } from "#core/errors.ts";
import type { CapturedFile, Cataloger, ImageView } from "#sbom/cataloger.ts";
import { firstLayer } from "#sbom/firstLayer.ts";
import type { ArchiveFacts, ArtifactFacts } from "#sbom/java/archiveFacts.ts";
import { ARCHIVE_LIMITS } from "#sbom/java/archiveLimits.ts";
import { archiveReducer } from "#sbom/java/archiveReducer.ts";
import { describeArtifact } from "#sbom/java/describeArtifact.ts";
import { isJavaArchive, isPlainZip } from "#sbom/java/isJavaArchive.ts";
import { linkArtifacts } from "#sbom/java/linkArtifacts.ts";
import type { PlacedArtifact } from "#sbom/java/linkArtifacts.ts";
import { unpackedHome, unpackedReducer } from "#sbom/java/unpackedProject.ts";
import { readFacts } from "#sbom/keptFacts.ts";
import { mergeFindings } from "#sbom/mergeFindings.ts";
import type { Package, Unknown } from "#sbom/package.ts";
import { readOrState } from "#sbom/readOrState.ts";

const NAME = "java-archive";

/**
 * Java archives, with those in them and those that were folded into them. Which jars there are is known; what a build has
 * folded in without its papers, and who needs whom without a pom, is not (reference 1.9).
 */
export const javaArchive: Cataloger = {
  name: NAME,
  wants: ({ path, size }) => {
    if (unpackedHome(path) !== undefined) return unpackedReducer(path, size);
    const isPackage = isJavaArchive(path);
    if (!isPackage && !isPlainZip(path)) return undefined;
    return archiveReducer({ fileName: path.slice(path.lastIndexOf("/") + 1), isPackage }, size, ARCHIVE_LIMITS);
  },
  catalog: (view) => {
    const unknowns: Unknown[] = [];
    const found = view.captured(NAME).flatMap((file) => catalogFile(view, file, unknowns));
    const placed = giveIds(found);
    const packages = placed.map(({ package: one, id }) => ({ ...one, id })).toSorted(byEvidence);
    return mergeFindings("incomplete", [
      { packages, edges: linkArtifacts(placed), unknowns, completeness: "incomplete" },
    ]);
  },
};

// The best evidence of one package first, a jar of its own before what was folded into another.
const byEvidence = (a: Package, b: Package): number =>
  (b.confidence ?? 1) - (a.confidence ?? 1) || (a.hashes === undefined ? 1 : 0) - (b.hashes === undefined ? 1 : 0);

interface Described extends Omit<PlacedArtifact, "holder"> {
  readonly package: Package;
  readonly sha256: string | undefined;
  readonly holder: Described | undefined;
}

const catalogFile = (view: ImageView, file: CapturedFile, unknowns: Unknown[]): readonly Described[] => {
  const { path, layer } = file;
  const facts = readOrState(file, unknowns, readFacts<ArchiveFacts>);
  if (facts === undefined) return [];
  for (const gap of facts.gaps) unknowns.push({ path: place(path, gap.path), layer, reason: gap.reason });
  const first = firstLayer(view.history(path), (bytes) => readFacts<ArchiveFacts>(bytes).artifacts.map(keyOf));
  const described: (Described | undefined)[] = [];
  let refused = 0;
  for (const one of facts.artifacts) {
    const holder = one.parent === undefined ? undefined : described[one.parent];
    const found = describe(one, file, holder, first.get(keyOf(one)) ?? layer);
    described.push(found);
    if (found === undefined) refused++;
  }
  if (refused > 0) unknowns.push({ path, layer, reason: `${refused} artifacts without a usable name` });
  return described.filter((one) => one !== undefined);
};

const describe = (
  facts: ArtifactFacts,
  { path, layer }: CapturedFile,
  holder: Described | undefined,
  introducedIn: number,
): Described | undefined => {
  try {
    const found = describeArtifact(facts, { path: place(path, facts.path), layer }, introducedIn);
    const { group, artifact, dependencies, sha256 } = facts;
    // What was unpacked stands where its archive would.
    const home = unpackedHome(path);
    return {
      id: found.id,
      package: found,
      group,
      artifact,
      dependencies,
      sha256,
      file: home === undefined ? path : `${home}pom`,
      inner: facts.path,
      holder,
    };
  } catch (error) {
    if (error instanceof WaybillError) return undefined;
    throw error;
  }
};

const place = (path: string, inner: string): string => (inner === "" ? path : `${path}:${inner}`);

const keyOf = ({ group, artifact, version }: ArtifactFacts): string => `${group ?? ""}:${artifact}:${version ?? ""}`;

// One name for different bytes is two packages: a patched jar must not hide behind the one whose name it bears.
const giveIds = (found: readonly Described[]): readonly Described[] => {
  const first = new Map<string, string>();
  const result = new Map<Described, Described>();
  for (const one of found) {
    const { purl } = one.package;
    const { sha256 } = one;
    if (sha256 !== undefined && !first.has(purl)) first.set(purl, sha256);
    const isSame = sha256 === undefined || first.get(purl) === sha256;
    const holder = one.holder === undefined ? undefined : result.get(one.holder);
    result.set(one, { ...one, holder, id: isSame ? purl : `${purl}#${sha256.slice(0, 16)}` });
  }
  return [...result.values()];
};
