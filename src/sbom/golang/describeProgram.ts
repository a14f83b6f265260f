import { mainVersion } from "#sbom/golang/mainVersion.ts";
import type { GoBuildInfo } from "#sbom/golang/readBuildInfo.ts";
import { readModules } from "#sbom/golang/readModules.ts";
import type { GoModule, GoModules } from "#sbom/golang/readModules.ts";
import type { Edge, Occurrence, Package } from "#sbom/package.ts";
import { writePurl } from "#sbom/purl.ts";

export interface GoProgram {
  readonly packages: readonly Package[];
  /** From the main module to all others: the build information does not say which of them needs which. */
  readonly edges: readonly Edge[];
  readonly refused: number;
}

/** The packages in one Go program: its main module, the modules it was built from, and the standard library. */
export const describeProgram = (info: GoBuildInfo, place: Occurrence): GoProgram => {
  const modules = namedModules(readModules(info.modules));
  const make = packageMaker(place);
  const parts = [
    ...modules.dependencies.map((module) => describeDependency(make, module)),
    describeLibrary(make, info),
  ];
  const main = modules.main === undefined ? undefined : describeMain(make, modules, modules.main);
  return {
    packages: main === undefined ? parts : [main, ...parts],
    edges: main === undefined ? [] : parts.map((part) => ({ from: main.id, to: part.id })),
    refused: modules.refused,
  };
};

// What was built from a list of files (`go build main.go`) has no main module; the module in whose directory that was done
// is then among the others, as the only one that is no release.
const namedModules = (modules: GoModules): GoModules => {
  if (modules.main !== undefined || modules.path !== "command-line-arguments") return modules;
  const [main, ...others] = modules.dependencies.filter(isWorkTree);
  if (main === undefined || others.length > 0) return modules;
  return { ...modules, main, dependencies: modules.dependencies.filter((one) => one !== main) };
};

const isWorkTree = ({ version, replacement }: GoModule): boolean => version === "(devel)" && replacement === undefined;

type Make = (
  path: string,
  version: string | undefined,
  unknownReason: string,
  properties: Readonly<Record<string, string | undefined>>,
) => Package;

const packageMaker =
  (place: Occurrence): Make =>
  (path, version, unknownReason, properties) => {
    const slash = path.lastIndexOf("/");
    const namespace = slash <= 0 ? undefined : path.slice(0, slash);
    const name = path.slice(slash + 1);
    const purl = writePurl({ type: "golang", namespace, name, version });
    const stated = Object.entries(properties).filter((entry): entry is [string, string] => Boolean(entry[1]));
    return {
      id: purl,
      type: "golang",
      name,
      ...(namespace === undefined ? {} : { namespace }),
      version,
      ...(version === undefined ? { unknownReason } : {}),
      purl,
      licenses: [],
      occurrences: [place],
      introducedIn: place.layer,
      technique: "binary-analysis",
      foundBy: "go-binary",
      ...(stated.length === 0 ? {} : { properties: Object.fromEntries(stated) }),
    };
  };

const describeMain = (make: Make, modules: GoModules, main: GoModule): Package => ({
  ...make(main.path, mainVersion(modules), "the program was built without a version", {
    mainPackage: modules.path,
    os: modules.settings.get("GOOS"),
    architecture: modules.settings.get("GOARCH"),
    commit: modules.settings.get("vcs.revision"),
  }),
  isApplication: true,
});

// A replaced module is not in the program: what stands in its place is.
const describeDependency = (make: Make, module: GoModule): Package => {
  const { replacement } = module;
  if (replacement === undefined)
    return make(module.path, released(module), "built from no release", { sum: module.sum });
  if (!isDirectory(replacement.path)) {
    const replaces = `${module.path}@${module.version}`;
    return make(replacement.path, released(replacement), "built from no release", { sum: replacement.sum, replaces });
  }
  return make(module.path, undefined, "replaced by a local directory", { replaced: "local directory" });
};

// cmd/go, modfile.IsDirectoryPath: a module path begins with none of these.
const isDirectory = (path: string): boolean => /^(?:\.{1,2}(?:[/\\]|$)|\/|[A-Za-z]:)/.test(path);

const released = (module: GoModule): string | undefined =>
  module.version === "" || module.version === "(devel)" ? undefined : module.version;

// `go1.22.3 X:experiment`; `devel go1.27-0123456` is no release.
const describeLibrary = (make: Make, info: GoBuildInfo): Package => {
  const [, version] = /^go(\d[A-Za-z0-9._+-]{0,100})/.exec(info.version) ?? [];
  const library = make("stdlib", version, "built by a toolchain that is no release", {});
  // CPE names of other builds (`1.22.3-fips`) are not known.
  return version === undefined || !/^[\d.a-z]+$/.test(version)
    ? library
    : { ...library, cpes: [`cpe:2.3:a:golang:go:${version}:*:*:*:*:*:*:*`] };
};
