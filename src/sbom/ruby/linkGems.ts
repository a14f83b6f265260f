import type { Edge } from "#sbom/package.ts";
import { compareGemVersions, meetsGemRequirement } from "#sbom/ruby/compareGemVersions.ts";
import type { GemDependency } from "#sbom/ruby/readGemspec.ts";

export interface InstalledGem {
  readonly id: string;
  readonly name: string;
  readonly version: string | undefined;
  readonly home: string;
  readonly dependencies: readonly GemDependency[];
}

/** Edges, and whether each dependency was found. */
export interface LinkedGems {
  readonly edges: readonly Edge[];
  readonly isComplete: boolean;
}

/**
 * Edges by a gem's dependencies, as RubyGems activates them where no lock file says otherwise: the highest version there is
 * that meets the requirement, of the same gem directory, else of those that belong to no application.
 */
export const linkGems = (gems: readonly InstalledGem[]): LinkedGems => {
  const places = Map.groupBy(gems, ({ home, name }) => `${home}\n${name}`);
  const shared = Map.groupBy(
    gems.filter(({ home }) => !BUNDLE.test(home)),
    ({ name }) => name,
  );
  const answers = new Map<string, string | undefined>();
  let left = MAX_LOOKED_AT;
  const find = (home: string, dependency: GemDependency): string | undefined => {
    const key = `${home}\n${dependency.name}\n${dependency.requirements.join("\n")}`;
    if (!answers.has(key)) {
      if (--left < 0) return undefined;
      const own = best(places.get(`${home}\n${dependency.name}`), dependency);
      answers.set(key, own ?? best(shared.get(dependency.name), dependency));
    }
    return answers.get(key);
  };
  let isComplete = true;
  const edges = gems.flatMap(({ id, home, dependencies }) =>
    dependencies.flatMap((dependency) => {
      const to = find(home, dependency);
      if (to === undefined) isComplete = false;
      return to === undefined ? [] : [{ from: id, to }];
    }),
  );
  return { edges, isComplete };
};

// Where Bundler installs for one application: `bundle install --path vendor/bundle`, `--deployment`.
const BUNDLE = /(?:^|\/)vendor\/bundle(?:\/|$)/;
// Different requirements of a whole image; 500 gems have a thousand.
const MAX_LOOKED_AT = 200_000;
// Versions of one gem that are looked at; honest directories have two or three.
const MAX_VERSIONS = 50;

const best = (gems: readonly InstalledGem[] | undefined, { requirements }: GemDependency): string | undefined => {
  let found: InstalledGem | undefined;
  for (const gem of gems?.slice(0, MAX_VERSIONS) ?? []) {
    const { version } = gem;
    // A version that is not stated may be any; nothing else can be meant where it is alone.
    const fits =
      version === undefined
        ? gems?.length === 1
        : requirements.every((one) => meetsGemRequirement(version, one) !== false);
    if (fits && (found?.version === undefined || compareGemVersions(found.version, version ?? "0") < 0)) found = gem;
  }
  return found?.id;
};
