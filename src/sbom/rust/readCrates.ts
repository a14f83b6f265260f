import { inflateSync } from "node:zlib";
import { WaybillError } from "#core/errors.ts";

/** A crate that a Rust program was built from. */
export interface Crate {
  readonly name: string;
  readonly version: string;
  /** "crates.io", "git", "local", "registry" (another one), or what later versions may say. */
  readonly source: string;
  /** Indexes in the list. */
  readonly dependencies: readonly number[];
  /** The crate that the program is built of. */
  readonly root: boolean;
}

const MAX_INFLATED = 8 * 1024 * 1024;
const MAX_CRATES = 20_000;
const MAX_EDGES = 200_000;
// Cargo's names (`cargo new`), and versions as Cargo requires them (semver.org).
const NAME = /^[\w-]{1,200}$/;
const VERSION = /^\d[0-9A-Za-z.+-]{0,200}$/;
const SOURCE = /^[\w.+:/-]{1,200}$/;

/**
 * Reads the list of crates in a program (cargo-auditable, "PARSING.md"): JSON under zlib. Crates that ran only while it was
 * built are left out. LIMIT_EXCEEDED and INPUT_INVALID for what is too large or no such list.
 */
export const readCrates = (section: Buffer): readonly Crate[] => {
  const { packages } = parse(inflate(section));
  if (!Array.isArray(packages)) throw invalid("it has no packages");
  if (packages.length > MAX_CRATES) throw new WaybillError("LIMIT_EXCEEDED", `more than ${MAX_CRATES} crates`);
  const all = packages.map(readCrate);
  const places = new Map<number, number>();
  for (const [index, crate] of all.entries()) if (crate.atRuntime) places.set(index, places.size);
  let edges = 0;
  return all.flatMap(({ atRuntime, ...crate }) => {
    if (!atRuntime) return [];
    const dependencies = crate.dependencies.flatMap((index) => places.get(index) ?? []);
    edges += dependencies.length;
    if (edges > MAX_EDGES) throw new WaybillError("LIMIT_EXCEEDED", `more than ${MAX_EDGES} edges between crates`);
    return [{ ...crate, dependencies }];
  });
};

const inflate = (section: Buffer): Buffer => {
  try {
    return inflateSync(section, { maxOutputLength: MAX_INFLATED });
  } catch (cause) {
    if (cause instanceof RangeError)
      throw new WaybillError("LIMIT_EXCEEDED", `list of crates of more than ${MAX_INFLATED} bytes`, { cause });
    throw invalid("it cannot be inflated", cause);
  }
};

const parse = (bytes: Buffer): { readonly packages?: unknown } => {
  try {
    return (JSON.parse(bytes.toString()) ?? {}) as { readonly packages?: unknown };
  } catch (cause) {
    throw invalid("it is no JSON", cause);
  }
};

const readCrate = (value: unknown): Crate & { readonly atRuntime: boolean } => {
  const { name, version, source, kind, dependencies, root } = (value ?? {}) as Record<string, unknown>;
  if (typeof name !== "string" || !NAME.test(name)) throw invalid("a crate has no usable name");
  if (typeof version !== "string" || !VERSION.test(version)) throw invalid("a crate has no usable version");
  if (typeof source !== "string" || !SOURCE.test(source)) throw invalid("a crate has no usable source");
  const indexes = Array.isArray(dependencies) ? dependencies : [];
  return {
    name,
    version,
    source,
    dependencies: indexes.filter((index): index is number => Number.isSafeInteger(index)),
    root: root === true,
    atRuntime: kind !== "build",
  };
};

const invalid = (reason: string, cause?: unknown): WaybillError =>
  new WaybillError("INPUT_INVALID", `list of crates that cannot be read: ${reason}`, { cause });
