import type { Package } from "#sbom/package.ts";

// What distributions put around the name of a language's package: Debian and Ubuntu, Fedora and its kin, SUSE, Alpine,
// Wolfi. Each expression is tried once, at one end of the name; separators are dashes by then.
const DRESS: Readonly<Record<string, readonly RegExp[]>> = {
  cargo: [/^(?:lib)?rust-/, /-dev$/],
  composer: [/^php[0-9-]*-/],
  gem: [/^ruby(?:gems?)?[0-9-]*-/],
  golang: [/^golang-/],
  maven: [/^(?:lib|apache-|java-)/, /-java$/],
  npm: [/^(?:node|nodejs|npm)[0-9]*-/],
  nuget: [/^lib/, /-cil$/],
  pypi: [/^(?:platform-)?(?:python|pypy|py)[0-9-]*-/, /-(?:python|py)[0-9-]*$/],
};

/**
 * Whether a distribution's package is called after a language's package: `python3-requests` after `requests`,
 * `libcommons-io-java` after `commons-io`, `node-babel-core` after `@babel/core`. Names are compared in small letters, with every
 * kind of separator as one.
 */
export const namesCorrespond = (owner: Pick<Package, "name">, found: Package): boolean => {
  const dress = DRESS[found.type] ?? [];
  const wanted = new Set(namesOf(found).flatMap((name) => [plain(name), undress(plain(name), dress)]));
  const given = plain(owner.name);
  return wanted.has(given) || wanted.has(undress(given, dress));
};

/** What a package may be called: its name alone, and with the last part of what stands before it. */
const namesOf = ({ type, namespace, name }: Package): readonly string[] => {
  const segments = (namespace ?? "").replace(/^@/, "").split("/");
  // A major version is part of a Go module's path: github.com/x/y/v2 is called y.
  const isMajor = type === "golang" && /^v\d+$/.test(name);
  const [own, before] = isMajor ? [segments.at(-1) ?? "", segments.at(-2)] : [name, segments.at(-1)];
  return before === undefined || before === "" ? [own] : [own, `${before}-${own}`];
};

const plain = (name: string): string => name.toLowerCase().replace(/[-_.+ ]+/g, "-");

const undress = (name: string, dress: readonly RegExp[]): string =>
  dress.reduce((rest, one) => rest.replace(one, ""), name);
