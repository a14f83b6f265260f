import { knownProduct } from "#sbom/cpe/knownProducts.ts";
import { writeCpe } from "#sbom/cpe/writeCpe.ts";
import type { Package, PackageType } from "#sbom/package.ts";

// What NVD calls the place where packages of an ecosystem run. Types without a rule have no derived names: a distribution fixes
// faults without a new upstream version, so that its packages are matched by purl and `distro` instead, and programs found by
// their bytes come with names that are known.
const TARGETS: Partial<Readonly<Record<PackageType, string>>> = {
  cargo: "rust",
  composer: "*",
  conda: "*",
  gem: "ruby",
  golang: "go",
  maven: "*",
  npm: "node.js",
  nuget: ".net",
  pypi: "python",
};

/**
 * CPE names for a package that comes without any, likeliest first: a well-known exception, else what NVD usually makes of the
 * ecosystem's names. Guesses, to be marked as such. None without a version, which would match every fault that the product ever had.
 */
export const deriveCpes = (found: Package): readonly string[] => {
  const { version, type } = found;
  const own = TARGETS[type];
  if (version === undefined || own === undefined) return [];
  const known = knownProduct(`${type}/${fullName(found)}`);
  const products =
    known === undefined ? productsOf(found).map(([vendor, product]) => ({ vendor, product, target: own })) : [known];
  return products.flatMap(({ vendor, product, target = own }) => {
    const parts = { vendor, product, version: version.replace(/^v(?=\d)/, "") };
    return writeCpe(target === "*" ? parts : { ...parts, targetSoftware: target }) ?? [];
  });
};

const fullName = ({ type, namespace, name }: Package): string =>
  namespace === undefined ? name : `${namespace}${type === "maven" ? ":" : "/"}${name}`;

type Product = readonly [vendor: string, product: string];

const productsOf = ({ type, namespace, name }: Package): readonly Product[] => {
  if (type === "maven") return [[vendorOfGroup(namespace ?? name), name]];
  if (type === "golang") return productOfModule(namespace === undefined ? name : `${namespace}/${name}`);
  if (type === "nuget") return [[name.split(".")[0] ?? name, name]];
  const scope = namespace?.replace(/^@/, "");
  if (scope !== undefined && scope !== "") return [[scope, name]];
  // NVD's own way of naming a vendor that it does not know.
  return type === "conda"
    ? [[name, name]]
    : [
        [name, name],
        [`${name}_project`, name],
      ];
};

// Names of domains turned around, and of hosts where the next part says whose it is.
const DOMAINS: ReadonlySet<string> = new Set([
  "com",
  "de",
  "dev",
  "edu",
  "eu",
  "fr",
  "io",
  "net",
  "nl",
  "org",
  "uk",
  "us",
]);
const HOSTS: ReadonlySet<string> = new Set(["bitbucket", "co", "github", "gitlab", "googlecode", "sourceforge"]);

/** `org.apache.commons` is Apache's, `com.github.ben-manes` ben-manes'. */
const vendorOfGroup = (group: string): string => {
  const [first = "", second, third] = group.split(".");
  if (second === undefined || !DOMAINS.has(first)) return first;
  return third !== undefined && HOSTS.has(second) ? third : second;
};

/** Of modules whose path says who made them. */
const productOfModule = (path: string): readonly Product[] => {
  const [host = "", vendor = "", product = ""] = path.split("/");
  if (host === "golang.org" && vendor === "x" && product !== "") return [["golang", product]];
  if (host === "k8s.io" && vendor !== "") return [["kubernetes", vendor]];
  const isForge = host === "github.com" || host === "gitlab.com" || host === "bitbucket.org";
  return isForge && product !== "" ? [[vendor, product]] : [];
};
