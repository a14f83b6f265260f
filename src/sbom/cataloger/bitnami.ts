import { WaybillError } from "#core/errors.ts";
import { describeBitnami } from "#sbom/bitnami/describeBitnami.ts";
import { readBitnamiComponents, readBitnamiSpdx } from "#sbom/bitnami/readBitnami.ts";
import type { BitnamiFacts } from "#sbom/bitnami/readBitnami.ts";
import type { CapturedFile, Cataloger, Findings, FindOwners, ImageView } from "#sbom/cataloger.ts";
import { firstLayer } from "#sbom/firstLayer.ts";
import { keepFacts, readFacts } from "#sbom/keptFacts.ts";
import { mergeFindings } from "#sbom/mergeFindings.ts";
import type { Package, Unknown } from "#sbom/package.ts";
import { readOrState } from "#sbom/readOrState.ts";
import { reduceWhole } from "#sbom/reduceWhole.ts";

const NAME = "bitnami";
const ROOT = "opt/bitnami/";
const COMPONENTS = `${ROOT}.bitnami_components.json`;
const SPDX = /(?:^|\/)\.spdx-[^/]+\.spdx$/;
const MAX_FILE = 16 * 1024 * 1024;

/**
 * Bitnami's components by the SPDX documents that it packs beside them; by its list of components where an image is older
 * than those documents (reference 1.13). Nothing else says what is in these directories: the programs were built from source.
 */
export const bitnami: Cataloger = {
  name: NAME,
  wants: ({ path, size }) => {
    if (!path.startsWith(ROOT)) return undefined;
    if (path === COMPONENTS)
      return reduceWhole(size, MAX_FILE, "list of components", (bytes) => keepFacts(readBitnamiComponents(bytes)));
    if (!path.endsWith(".spdx") || !SPDX.test(path)) return undefined;
    return reduceWhole(size, MAX_FILE, "SPDX document", (bytes) => keepFacts(readBitnamiSpdx(bytes)));
  },
  catalog: (view) => {
    const found = view.captured(NAME).map((file) => ({ file, findings: catalogFile(view, file) }));
    const documented = new Set(
      found.filter(({ file }) => file.path !== COMPONENTS).flatMap(({ findings }) => findings.packages.map(nameOf)),
    );
    return mergeFindings(
      "incomplete",
      found.map(({ file, findings }) =>
        file.path === COMPONENTS
          ? { ...findings, packages: findings.packages.filter((one) => !documented.has(nameOf(one))) }
          : findings,
      ),
    );
  },
};

const nameOf = ({ name }: Package): string => name;

const catalogFile = (view: ImageView, file: CapturedFile): Findings => {
  const { path, layer } = file;
  const unknowns: Unknown[] = [];
  const facts = readOrState(file, unknowns, readFacts<BitnamiFacts>) ?? { packages: [], edges: [] };
  const first = firstLayer(view.history(path), (bytes) =>
    readFacts<BitnamiFacts>(bytes).packages.map(({ purl }) => purl),
  );
  const ids = new Map<string, string>();
  let refused = 0;
  const packages = facts.packages.flatMap((claim) => {
    const introducedIn = first.get(claim.purl) ?? layer;
    try {
      const isMain = facts.main === undefined || facts.main === claim.purl;
      const found = describeBitnami(claim, isMain, { place: { path, layer }, introducedIn });
      ids.set(claim.purl, found.id);
      return [found];
    } catch (error) {
      if (!(error instanceof WaybillError)) throw error;
      refused++;
      return [];
    }
  });
  if (refused > 0) unknowns.push({ path, layer, reason: `${refused} packages without a usable name` });
  const edges = facts.edges.flatMap(({ from, to }) => {
    const [source, target] = [ids.get(from), ids.get(to)];
    return source === undefined || target === undefined ? [] : [{ from: source, to: target }];
  });
  const owned = ownDirectory(path, ids.get(facts.main ?? ""));
  return { packages, edges, unknowns, completeness: "incomplete", ...(owned === undefined ? {} : { owned }) };
};

// Everything below the document's directory is its component's, but for directories with a document of their own: owners are
// asked in path order, and the later, deeper one counts.
const ownDirectory = (path: string, id: string | undefined): FindOwners | undefined => {
  const directory = path.slice(0, path.lastIndexOf("/") + 1);
  if (id === undefined || directory === ROOT) return undefined;
  return (files) =>
    new Map([...files].filter((file) => file.startsWith(directory) && file !== path).map((file) => [file, id]));
};
