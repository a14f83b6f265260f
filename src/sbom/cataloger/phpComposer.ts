import { hasCode } from "#core/errors.ts";
import type { CapturedFile, Cataloger, Findings, ImageView } from "#sbom/cataloger.ts";
import { firstLayer } from "#sbom/firstLayer.ts";
import { keepFacts, readFacts } from "#sbom/keptFacts.ts";
import { mergeFindings } from "#sbom/mergeFindings.ts";
import type { Unknown } from "#sbom/package.ts";
import { describePackage } from "#sbom/php/describePackage.ts";
import { linkRequires } from "#sbom/php/linkRequires.ts";
import { readInstalled } from "#sbom/php/readInstalled.ts";
import type { ComposerInstallation, ComposerPackage } from "#sbom/php/readInstalled.ts";
import { readOrState } from "#sbom/readOrState.ts";
import { reduceWhole } from "#sbom/reduceWhole.ts";

const MAX_INSTALLED = 64 * 1024 * 1024;
const NAME = "installed.json";
const USUAL = /(?:^|\/)composer\/installed\.json$/;

/** PHP packages that Composer installed: installed.json of every vendor directory, whatever that is called (sbom.md 1.11). */
export const phpComposer: Cataloger = {
  name: "php-composer",
  wants: ({ path, size }) => {
    if (!path.endsWith(NAME) || !(path.length === NAME.length || path.at(-NAME.length - 1) === "/")) return undefined;
    return reduceWhole(size, MAX_INSTALLED, NAME, USUAL.test(path) ? reduceUsual : reduceOther);
  },
  catalog: (view) => {
    const found = view.captured("php-composer").map((file) => catalogFile(view, file));
    return mergeFindings(found.every((one) => one.completeness === "complete") ? "complete" : "incomplete", found);
  },
};

const reduceUsual = (bytes: Buffer): Uint8Array => keepFacts(readInstalled(bytes) ?? { packages: [], refused: 1 });

// Elsewhere many things are called so: what is no list of Composer's packages says nothing about any.
const reduceOther = (bytes: Buffer): Uint8Array | undefined => {
  try {
    const found = readInstalled(bytes);
    return found && keepFacts(found);
  } catch (error) {
    if (hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED")) return undefined;
    throw error;
  }
};

const catalogFile = (view: ImageView, file: CapturedFile): Findings => {
  const unknowns: Unknown[] = [];
  const read = (bytes: Uint8Array): ComposerInstallation => readFacts<ComposerInstallation>(bytes);
  const { packages, refused } = readOrState(file, unknowns, read) ?? { packages: [], refused: 0 };
  if (refused > 0) {
    unknowns.push({ path: file.path, layer: file.layer, reason: `${refused} entries without a usable name` });
  }
  const place = { path: file.path, layer: file.layer };
  const first = firstLayer(view.history(file.path), (bytes) => read(bytes).packages.map(keyOf));
  const installed = packages.map((record) => {
    const found = describePackage(record, { place, introducedIn: first.get(keyOf(record)) ?? file.layer });
    return { id: found.id, record, package: found };
  });
  const { edges, isComplete } = linkRequires(installed);
  return {
    packages: installed.map((one) => one.package),
    edges,
    unknowns,
    completeness: isComplete ? "complete" : "incomplete",
  };
};

const keyOf = (record: ComposerPackage): string => `${record.name} ${record.version ?? ""}`;
