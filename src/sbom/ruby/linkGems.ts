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
 * Edges by a gem's dependencies, as RubyGems activates them where no lock file says otherwise: the highest version that meets
 * the requirement, of the same gem directory and those that the same Ruby looks into and that belong to no application.
 */
export const linkGems = (gems: readonly InstalledGem[]): LinkedGems => {
  const own = Map.groupBy(gems, ({ home, name }) => `${home}\n${name}`);
  const shared = Map.groupBy(
    gems.filter(({ home }) => !BUNDLE.test(home)),
    ({ name, home }) => `${rubyOf(home)}\n${name}`,
  );
  const anyRuby = Map.groupBy([...shared.values()].flat(), ({ name }) => name);
  const answers = new Map<string, string | undefined>();
  let left = MAX_LOOKED_AT;
  const find = (home: string, dependency: GemDependency): string | undefined => {
    const { name, requirements } = dependency;
    const key = [home, name, ...requirements].join("\n");
    if (!answers.has(key)) {
      if (--left < 0) return undefined;
      const ruby = rubyOf(home);
      const places = [own.get(`${home}\n${name}`), shared.get(`${ruby}\n${name}`), shared.get(`\n${name}`)];
      const elsewhere = ruby === "" ? (anyRuby.get(name)?.slice(0, MAX_VERSIONS) ?? []) : [];
      answers.set(
        key,
        best([...places.flatMap((one) => one?.slice(0, MAX_VERSIONS) ?? []), ...elsewhere], requirements),
      );
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

const best = (gems: readonly InstalledGem[], requirements: readonly string[]): string | undefined => {
  let found: InstalledGem | undefined;
  for (const gem of gems) {
    const { version } = gem;
    // A version that is not stated may be any; nothing else can be meant where it is alone.
    const fits =
      version === undefined
        ? gems.every(({ id }) => id === gem.id)
        : requirements.every((one) => meetsGemRequirement(version, one) !== false);
    if (fits && (found?.version === undefined || compareGemVersions(found.version, version ?? "0") < 0)) found = gem;
  }
  return found?.id;
};

/** The ABI version by which a Ruby names its directories (`lib/ruby/gems/3.1.0`); "" for a directory that any may look into. */
const rubyOf = (home: string): string => /\/(\d{1,2}\.\d{1,2}\.\d{1,2})$/.exec(home)?.[1] ?? "";
