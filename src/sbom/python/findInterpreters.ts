import type { ImageView } from "#sbom/cataloger.ts";
import { compareText } from "#sbom/compareText.ts";
import type { PythonFiles } from "#sbom/python/collectInstallations.ts";
import { parseSite } from "#sbom/python/parseSite.ts";
import type { PythonSite } from "#sbom/python/parseSite.ts";
import type { Venv } from "#sbom/python/readVenv.ts";

/** One way to start Python: what it imports from, in its order, and what is known of it. */
export interface Interpreter {
  /** Directories that hold packages. */
  readonly sites: readonly string[];
  /** Where it looks further: the system of a virtual environment. */
  readonly fallback: readonly string[];
  /** `3.11` or `3.11.2`; undefined where it cannot be told. */
  readonly version: string | undefined;
  readonly implementation: "cpython" | "pypy" | undefined;
}

type View = Pick<ImageView, "realPath">;

interface Group {
  readonly sites: PythonSite[];
  readonly venv: Venv | undefined;
}

/**
 * The interpreters of an image by the directories in which packages lie (docs.python.org/library/site.html, PEP 405; Debian's
 * dist-packages, the two lib directories of Fedora). A directory that belongs to none stands for itself.
 */
export const findInterpreters = (files: PythonFiles, view: View): readonly Interpreter[] => {
  const holding = new Set(files.installations.map(({ site }) => site));
  const places = [...new Set([...holding, ...files.paths.keys()])];
  const parsed = places.flatMap((path) => parseSite(path) ?? []);
  const groups = groupSites(parsed, files.venvs, view);
  const systems = indexSystems(groups);
  const found = groups.map((group): Interpreter => {
    const own = group.sites.toSorted(searchOrder);
    const fallback = fallbackOf(group, systems).flatMap(({ sites }) => sites.toSorted(searchOrder));
    return {
      sites: [...new Set([...own.map(({ path }) => path), ...addedTo(own, files, holding, view)])],
      fallback: fallback.map(({ path }) => path),
      version: group.venv?.version ?? versionOf(own, view),
      implementation: own[0]?.implementation,
    };
  });
  return [...found, ...standAlone(places, found)];
};

/** Directories of no interpreter: of the one below whose directory they lie, or of the only one there is. */
const standAlone = (places: readonly string[], found: readonly Interpreter[]): readonly Interpreter[] => {
  const bySite = new Map(found.flatMap((one) => one.sites.map((site) => [site, one] as const)));
  const kinds = new Set(found.map(({ version, implementation }) => `${version} ${implementation}`));
  const only = kinds.size === 1 ? found[0] : undefined;
  return places
    .filter((path) => !bySite.has(path))
    .toSorted(compareText)
    .map((path) => {
      const { version, implementation } = enclosing(path, bySite) ?? only ?? UNKNOWN;
      return { sites: [path], fallback: [], version, implementation };
    });
};

const UNKNOWN = { version: undefined, implementation: undefined };

const groupSites = (sites: readonly PythonSite[], venvs: ReadonlyMap<string, Venv>, view: View): readonly Group[] => {
  const groups = new Map<string, Group>();
  const systems = new Set(sites.map(siteKey));
  for (const site of sites) {
    const venv = venvs.get(site.prefix);
    const key = venv === undefined ? systemKey(site, systems, view) : `venv ${site.prefix}`;
    const group = groups.get(key) ?? { sites: [], venv };
    group.sites.push(site);
    groups.set(key, group);
  }
  return [...groups].toSorted(([a], [b]) => compareText(a, b)).map(([, group]) => group);
};

const siteKey = ({ kind, prefix, implementation, version }: PythonSite): string =>
  `${kind} ${prefix} ${implementation} ${version}`;

const systemKey = (site: PythonSite, systems: ReadonlySet<string>, view: View): string => {
  const { prefix, kind, implementation, version } = site;
  const isSystem = prefix === "usr" || prefix === "usr/local" || /\/usr(?:\/local)?$/.test(prefix);
  const system = prefix.replace(/(^|\/)usr\/local$/, "$1usr");
  // Debian's directories belong together: one for each `3.N` in /usr/local, one for all of them in /usr.
  if (kind === "dist" && isSystem) return `dist ${system} ${implementation} ${version.split(".")[0]}`;
  const shared = siteKey({ ...site, prefix: system });
  if (system === prefix || !systems.has(shared)) return siteKey(site);
  // Fedora's interpreter in /usr looks into /usr/local too; an interpreter of /usr/local has links of its own there.
  const program = view.realPath(`${prefix}/bin/python3`) ?? view.realPath(`${prefix}/bin/python${version}`);
  return program === undefined ? shared : siteKey(site);
};

/** Work trees that `.pth` files and `.egg-link`s add. */
const addedTo = (
  own: readonly PythonSite[],
  files: PythonFiles,
  holding: ReadonlySet<string>,
  view: View,
): readonly string[] =>
  own
    .flatMap(({ path }) => (files.paths.get(path) ?? []).map((line) => resolve(path, line, view)))
    .filter((path) => holding.has(path) && parseSite(path) === undefined);

// What was added beside the system's packages hides them.
const searchOrder = (a: PythonSite, b: PythonSite): number =>
  Number(b.prefix.endsWith("usr/local")) - Number(a.prefix.endsWith("usr/local")) || compareText(a.path, b.path);

/** Interpreters that are no virtual environments, by prefix and version, and those of no user by version alone. */
interface Systems {
  readonly byPrefix: ReadonlyMap<string, Group>;
  readonly byVersion: ReadonlyMap<string, ReadonlySet<Group>>;
}

const indexSystems = (groups: readonly Group[]): Systems => {
  const byPrefix = new Map<string, Group>();
  const byVersion = new Map<string, Set<Group>>();
  for (const group of groups) {
    for (const { prefix, version } of group.venv === undefined ? group.sites : []) {
      byPrefix.set(`${prefix} ${version}`, group);
      if (!isUsers(prefix)) byVersion.set(version, (byVersion.get(version) ?? new Set()).add(group));
    }
  }
  return { byPrefix, byVersion };
};

const isUsers = (prefix: string): boolean => prefix === ".local" || prefix.endsWith("/.local");

const fallbackOf = ({ venv, sites }: Group, systems: Systems): readonly Group[] => {
  const [first] = sites;
  if (first === undefined) return [];
  // Debian's directory is for each `3.N`.
  const versions = [first.version, first.version.split(".")[0] ?? ""];
  if (venv !== undefined) {
    if (!venv.hasSystemPackages || venv.home === undefined) return [];
    const base = venv.home.replace(/\/?bin$/, "");
    const keys = versions.flatMap((version) => [`${base}/local ${version}`, `${base} ${version}`]);
    return [...new Set(keys.flatMap((key) => systems.byPrefix.get(key) ?? []))];
  }
  // A user's own directory is beside some system's; only where there is but one is it clear which.
  if (!isUsers(first.prefix)) return [];
  const candidates = new Set(versions.flatMap((version) => [...(systems.byVersion.get(version) ?? [])].slice(0, 2)));
  return candidates.size === 1 ? [...candidates] : [];
};

const versionOf = (sites: readonly PythonSite[], view: View): string | undefined => {
  const stated = sites.find(({ version }) => version.includes("."))?.version;
  if (stated !== undefined) return stated;
  for (const { prefix, version } of sites) {
    const program = view.realPath(`${prefix}/bin/python${version}`);
    const [, linked] = /\/python(\d{1,2}\.\d{1,3})$/.exec(program ?? "") ?? [];
    if (linked !== undefined) return linked;
    const minors = MINORS.map((minor) => `${version}.${minor}`);
    const there = minors.filter((one) => view.realPath(`${prefix}/lib/python${one}`) !== undefined);
    if (there.length === 1) return there[0];
  }
  return undefined;
};

const MINORS = Array.from({ length: 40 }, (_, minor) => minor);

const enclosing = (path: string, bySite: ReadonlyMap<string, Interpreter>): Interpreter | undefined => {
  for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
    const found = bySite.get(path.slice(0, at));
    if (found !== undefined) return found;
  }
  return undefined;
};

const resolve = (site: string, line: string, view: View): string => {
  const parts: string[] = line.startsWith("/") ? [] : site.split("/");
  for (const part of line.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  const path = parts.join("/");
  return view.realPath(path) ?? path;
};
