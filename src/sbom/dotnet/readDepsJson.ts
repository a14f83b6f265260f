import { isJsonFields, readJsonObject } from "#sbom/readJsonObject.ts";
import type { JsonFields } from "#sbom/readJsonObject.ts";

/** A library that a .NET application was built with. */
export interface DepsLibrary {
  readonly name: string;
  readonly version: string;
  /** As written: `package`, `project`, `reference`, `runtimepack`, ... */
  readonly type: string;
  /** SHA-512 of the NuGet package, in hex. */
  readonly sha512?: string;
  /** Names of the libraries it needs; each has one version in a file. */
  readonly dependencies: readonly string[];
  /** Whether files come with it that are loaded when the application runs. */
  readonly hasFiles: boolean;
}

/** A deps.json as far as it tells of packages. */
export interface DepsFile {
  /** `.NETCoreApp,Version=v8.0/linux-x64` */
  readonly target: string | undefined;
  readonly libraries: readonly DepsLibrary[];
  /** Entries whose name or version is none. */
  readonly refused: number;
}

const MAX_LIBRARIES = 20_000;
const NAME = /^[0-9A-Za-z_][0-9A-Za-z_.-]{0,149}$/;
const VERSION = /^[0-9A-Za-z][0-9A-Za-z.+-]{0,127}$/;
const ASSETS = ["runtime", "native", "runtimeTargets", "resources"] as const;

/**
 * Reads the list of libraries that .NET's host loads an application by (dotnet/sdk, "runtime-configuration-file"): that of
 * `runtimeTarget`. Undefined for JSON of another shape; INPUT_INVALID for what is no JSON object, LIMIT_EXCEEDED for one
 * nested too deep or with more than 20,000 libraries.
 */
export const readDepsJson = (bytes: Uint8Array): DepsFile | undefined => {
  const json = readJsonObject(bytes, "deps.json");
  const { targets, libraries } = json;
  if (!isJsonFields(targets) || !isJsonFields(libraries)) return undefined;
  const name = targetName(json, targets);
  const target = fieldsOf(name === undefined ? undefined : targets[name]);
  const keys = Object.keys(libraries).slice(0, MAX_LIBRARIES);
  const read = keys.flatMap((key) => readLibrary(key, fieldsOf(libraries[key]), fieldsOf(target[key])) ?? []);
  return { target: name?.slice(0, 200), libraries: read, refused: Object.keys(libraries).length - read.length };
};

const targetName = (json: JsonFields, targets: JsonFields): string | undefined => {
  const stated = fieldsOf(json["runtimeTarget"])["name"] ?? json["runtimeTarget"];
  if (typeof stated === "string" && Object.hasOwn(targets, stated)) return stated;
  // The one with most in it: a portable file has an empty one beside that of its runtime.
  const sizes = Object.keys(targets).map((name) => [name, Object.keys(fieldsOf(targets[name])).length] as const);
  return sizes.toSorted((a, b) => b[1] - a[1])[0]?.[0];
};

const readLibrary = (key: string, library: JsonFields, inTarget: JsonFields): DepsLibrary | undefined => {
  const slash = key.indexOf("/");
  const [name, version] = [key.slice(0, Math.max(slash, 0)), key.slice(slash + 1)];
  if (!NAME.test(name) || !VERSION.test(version)) return undefined;
  const sha512 = hexOf(library["sha512"]);
  return {
    name,
    version,
    type: typeof library["type"] === "string" ? library["type"].slice(0, 40) : "",
    ...(sha512 === undefined ? {} : { sha512 }),
    dependencies: Object.keys(fieldsOf(inTarget["dependencies"])).slice(0, MAX_LIBRARIES),
    hasFiles: ASSETS.some((kind) => Object.keys(fieldsOf(inTarget[kind])).some((path) => !path.endsWith("/_._"))),
  };
};

const hexOf = (value: unknown): string | undefined => {
  const base64 = typeof value === "string" ? /^sha512-([0-9A-Za-z+/]{86}==)$/.exec(value)?.[1] : undefined;
  return base64 === undefined ? undefined : Buffer.from(base64, "base64").toString("hex");
};

const fieldsOf = (value: unknown): JsonFields => (isJsonFields(value) ? value : {});
