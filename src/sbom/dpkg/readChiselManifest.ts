import { inflateZstdWhole } from "#archive/inflateZstdWhole.ts";
import { WaybillError } from "#core/errors.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";
import { linesOf } from "#sbom/linesOf.ts";
import type { Package } from "#sbom/package.ts";

/** A package of which chisel has put slices into the image. */
export interface ChiselPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string | undefined;
  /** Of the whole .deb. */
  readonly hashes: NonNullable<Package["hashes"]>;
  /** Names without the package's: `bins`, `libs`. */
  readonly slices: readonly string[];
  /** Files and links that came with it, without leading slash; no directories. */
  readonly paths: readonly string[];
}

/** What a manifest.wall says. */
export interface ChiselManifest {
  readonly packages: readonly ChiselPackage[];
  /** Packages without a usable name or version. */
  readonly refused: number;
  /** Whether it has as many lines as its header says. */
  readonly isWhole: boolean;
}

const WHAT = "chisel manifest";
const MAX_INFLATED = 64 * 1024 * 1024;
const MAX_LINES = 500_000;
const LINE_LIMITS = { maxBytes: 1024 * 1024, maxDepth: 4, maxValues: 10_000 };
const NAME = /^[a-z0-9][a-z0-9+.-]{0,213}$/;
const VERSION = /^[A-Za-z0-9][A-Za-z0-9+.:~_-]{0,255}$/;
const ARCHITECTURE = /^[a-z0-9][a-z0-9-]{0,63}$/;
const DIGESTS = [
  ["SHA-256", "sha256", /^[0-9a-f]{64}$/],
  ["SHA-384", "sha384", /^[0-9a-f]{96}$/],
  ["SHA-512", "sha512", /^[0-9a-f]{128}$/],
] as const;

type Growing = ChiselPackage & { readonly slices: string[]; readonly paths: string[] };

/**
 * Reads chisel's manifest.wall, schema 1 (documentation.ubuntu.com/chisel, reference/manifest): zstd over lines of JSON, a
 * header with their count first. INPUT_INVALID for another schema or what is no manifest, LIMIT_EXCEEDED beyond 64 MiB or
 * 500 000 lines.
 */
export const readChiselManifest = (bytes: Uint8Array): ChiselManifest => {
  const [header, ...entries] = readLines(inflateZstdWhole(bytes, MAX_INFLATED, WHAT));
  const packages = new Map<string, Growing>();
  let refused = 0;
  for (const entry of entries) {
    if (entry["kind"] !== "package") continue;
    const found = readPackage(entry);
    if (found === undefined) refused++;
    else if (!packages.has(found.name)) packages.set(found.name, found);
  }
  for (const entry of entries) addToOwner(entry, packages);
  // The count is of all lines (chisel's public/jsonwall).
  return { packages: [...packages.values()], refused, isWhole: header?.["count"] === entries.length + 1 };
};

const readLines = (text: Buffer): readonly JsonObject[] => {
  const entries: JsonObject[] = [];
  for (const line of linesOf(text.toString())) {
    if (line === "") continue;
    if (entries.length >= MAX_LINES)
      throw new WaybillError("LIMIT_EXCEEDED", `${WHAT} of more than ${MAX_LINES} lines`);
    const entry = parseStrict(Buffer.from(line), WHAT, LINE_LIMITS);
    if (!isJsonObject(entry)) throw bad("a line that is no object");
    entries.push(entry);
  }
  const [header] = entries;
  if (header?.["jsonwall"] === undefined) throw bad("no header");
  if (typeof header["schema"] !== "string" || !/^1\.\d{1,9}$/.test(header["schema"])) throw bad("an unknown schema");
  return entries;
};

const readPackage = (entry: JsonObject): Growing | undefined => {
  const { name, version, arch } = entry;
  if (!fits(name, NAME) || !fits(version, VERSION)) return undefined;
  const hashes = DIGESTS.flatMap(([algorithm, key, form]) => {
    const hex = entry[key];
    return fits(hex, form) ? [{ algorithm, hex }] : [];
  });
  return { name, version, architecture: fits(arch, ARCHITECTURE) ? arch : undefined, hashes, slices: [], paths: [] };
};

// `package_slice`: neither has an underscore. A path that several slices have belongs to the first.
const addToOwner = (entry: JsonObject, packages: ReadonlyMap<string, Growing>): void => {
  const { kind, name, path, slices } = entry;
  if (kind === "slice") {
    const [owner = "", slice = ""] = splitSlice(name);
    if (slice !== "") packages.get(owner)?.slices.push(slice);
  } else if (kind === "path" && typeof path === "string" && path.startsWith("/") && !path.endsWith("/")) {
    const [owner = ""] = splitSlice(Array.isArray(slices) ? (slices as readonly Json[])[0] : undefined);
    packages.get(owner)?.paths.push(path.slice(1));
  }
};

const splitSlice = (text: Json | undefined): readonly string[] =>
  typeof text === "string" ? (/^([a-z0-9+.-]{1,214})_([a-z0-9-]{1,100})$/.exec(text)?.slice(1) ?? []) : [];

const fits = (value: Json | undefined, form: RegExp): value is string => typeof value === "string" && form.test(value);

const bad = (reason: string): WaybillError => new WaybillError("INPUT_INVALID", `${WHAT}: ${reason}`);
