import { WaybillError } from "#core/errors.ts";

/** The parts to which each type has its own rules, decoded. */
export interface NamedParts {
  readonly type: string;
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
  readonly qualifiers: Readonly<Record<string, string | undefined>>;
}

// Parts that have one case, of the types in github.com/package-url/purl-spec, types/*-definition.json (`case_sensitive`),
// commit 16f3d0e. git is lowered by the suite only.
const LOWERED: Readonly<Record<"namespace" | "name" | "version", ReadonlySet<string>>> = {
  namespace: new Set(
    "alpm apk bitbucket brew composer deb git github hex luarocks qpkg rpm vscode-extension yocto".split(" "),
  ),
  name: new Set(
    "alpm apk bitbucket bitnami brew composer deb git github hex luarocks oci otp pub pypi vscode-extension".split(" "),
  ),
  version: new Set(["huggingface", "oci", "pypi", "vscode-extension"]),
};
// `requirement: prohibited` there.
const NO_NAMESPACE: ReadonlySet<string> = new Set(
  `bazel bitnami cargo chrome-extension cocoapods conda cran gem hackage julia mlflow nuget oci opam otp pub pypi
   vcpkg`.split(/\s+/),
);
// `requirement: required`, where nothing can be found without one. Distributions' packages are not among them: an image
// need not say which distribution it is; nor are maven, golang (`stdlib`) and composer, whose evidence may lack it.
const NEEDS_NAMESPACE: ReadonlySet<string> = new Set(
  "bitbucket git github huggingface swift vscode-extension".split(" "),
);
const NEEDS_QUALIFIER: ReadonlyMap<string, string> = new Map([
  ["julia", "uuid"],
  ["swid", "tag_id"],
]);
const CHROME_NAME = /^[a-p]{32}$/;
const CHROME_VERSION = /^\d{1,9}(?:\.\d{1,9}){0,3}$/;
const DATABRICKS = /^https:\/\/[^/?#]{1,253}\.azuredatabricks\.net(?:[/?#]|$)/i;

/**
 * The parts as their type writes them: cases, and pypi's dash. Throws INPUT_INVALID where the type forbids what is there or
 * needs what is not.
 */
export const applyTypeRules = <T extends NamedParts>(parts: T): T => {
  const { type } = parts;
  check(parts);
  const cased = (part: "namespace" | "name" | "version"): string =>
    LOWERED[part].has(type) ? parts[part].toLowerCase() : parts[part];
  return { ...parts, namespace: cased("namespace"), name: nameOf(parts, cased("name")), version: cased("version") };
};

const nameOf = ({ type, qualifiers }: NamedParts, name: string): string => {
  if (type === "pypi") return name.replaceAll("_", "-");
  if (type === "pub") return name.replace(/[^a-z0-9]/g, "_");
  // Azure ML keeps the case of a model's name, Databricks has none.
  return type === "mlflow" && DATABRICKS.test(qualifiers["repository_url"] ?? "") ? name.toLowerCase() : name;
};

const check = ({ type, namespace, name, version, qualifiers }: NamedParts): void => {
  if (namespace !== "" && NO_NAMESPACE.has(type)) throw bad("namespace", type, namespace);
  if (namespace === "" && NEEDS_NAMESPACE.has(type)) throw bad("namespace", type, "");
  const needed = NEEDS_QUALIFIER.get(type);
  if (needed !== undefined && (qualifiers[needed] ?? "") === "") throw bad(`qualifier ${needed}`, type, "");
  // Distributions are named, not the modules in them.
  if (type === "cpan" && name.includes("::")) throw bad("name", type, name);
  if (type !== "chrome-extension") return;
  if (!CHROME_NAME.test(name)) throw bad("name", type, name);
  if (version !== "" && !CHROME_VERSION.test(version)) throw bad("version", type, version);
};

const bad = (part: string, type: string, text: string): WaybillError =>
  new WaybillError(
    "INPUT_INVALID",
    `package URL of type ${type} with an unusable ${part}: ${JSON.stringify(text.slice(0, 160))}`,
  );
