import type { CapturedFile, Cataloger, Findings, ImageView } from "#sbom/cataloger.ts";
import { firstLayer } from "#sbom/firstLayer.ts";
import { isFixturePath } from "#sbom/isFixturePath.ts";
import { keepFacts, readFacts } from "#sbom/keptFacts.ts";
import { mergeFindings } from "#sbom/mergeFindings.ts";
import type { Package, Unknown } from "#sbom/package.ts";
import { readOrState } from "#sbom/readOrState.ts";
import { reduceWhole } from "#sbom/reduceWhole.ts";
import { describePackage } from "#sbom/ruby/describePackage.ts";
import { linkGems } from "#sbom/ruby/linkGems.ts";
import type { InstalledGem } from "#sbom/ruby/linkGems.ts";
import { locateGemspec } from "#sbom/ruby/locateGemspec.ts";
import { readGemspec } from "#sbom/ruby/readGemspec.ts";
import type { Gemspec } from "#sbom/ruby/readGemspec.ts";

const MAX_GEMSPEC = 4 * 1024 * 1024;

/** Ruby gems: gemspecs of installed, default, bundled and git gems, read and never run (sbom.md 1.11). */
export const ruby: Cataloger = {
  name: "ruby",
  wants: ({ path, size }) =>
    locateGemspec(path) === undefined
      ? undefined
      : reduceWhole(size, MAX_GEMSPEC, "gemspec", (bytes) => keepFacts(readGemspec(bytes))),
  catalog: (view) => {
    const unknowns: Unknown[] = [];
    const gems = view.captured("ruby").flatMap((file) => describeFile(view, file, unknowns));
    const { edges, isComplete } = linkGems(gems);
    const completeness: Findings["completeness"] = isComplete ? "complete" : "incomplete";
    return mergeFindings(completeness, [{ packages: gems.map((gem) => gem.package), edges, unknowns, completeness }]);
  },
};

interface Described extends InstalledGem {
  readonly package: Package;
}

const describeFile = (view: ImageView, file: CapturedFile, unknowns: Unknown[]): readonly Described[] => {
  const located = locateGemspec(file.path);
  if (located === undefined || isFixture(located.home)) return [];
  const spec = readOrState(file, unknowns, (bytes) => readFacts<Gemspec>(bytes));
  if (spec === undefined) return [];
  const named = { ...nameOfFile(file.path, located.kind === "git"), ...spec };
  const { name, version, dependencies } = named;
  if (name === undefined) {
    unknowns.push({ path: file.path, layer: file.layer, reason: "the gemspec states no usable name" });
    return [];
  }
  const keyOf = (one: Gemspec): string => `${one.name ?? ""} ${one.version ?? ""}`;
  const first = firstLayer(view.history(file.path), (bytes) => [keyOf(readFacts<Gemspec>(bytes))]);
  const place = { path: file.path, layer: file.layer };
  const introducedIn = first.get(keyOf(spec)) ?? file.layer;
  const found = describePackage({ ...named, name }, { place, located, introducedIn });
  return [{ id: found.id, name, version, home: located.home, dependencies, package: found }];
};

// A gem's own tests hold whole gem directories (RubyGems, Bundler).
const isFixture = (home: string): boolean => {
  const [, inside] = /\/gems\/[^/]+-[0-9][^/]*\/(.*)$/.exec(home) ?? [];
  return inside !== undefined && isFixturePath(inside);
};

/** `name-1.2.3.gemspec`, `name-1.2.3-x86_64-linux.gemspec`; of a checkout `name.gemspec`. */
const nameOfFile = (path: string, isCheckout: boolean): Pick<Gemspec, "name" | "version"> => {
  const label = path.slice(path.lastIndexOf("/") + 1, -".gemspec".length);
  const [, name, version] = /^([A-Za-z0-9_][A-Za-z0-9._-]{0,127}?)-([0-9][0-9A-Za-z.]{0,63})(?:-|$)/.exec(label) ?? [];
  if (name !== undefined && version !== undefined && !isCheckout) return { name, version };
  return isCheckout && /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(label) ? { name: label } : {};
};
