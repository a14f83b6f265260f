import { WaybillError } from "#core/errors.ts";
import { isJsonFields, readJsonObject } from "#sbom/readJsonObject.ts";

/** A package of a Plug'n'Play project. */
export interface PnpPackage {
  /** Name and reference, `ms` and `npm:2.0.0`; both empty for the project itself. */
  readonly locator: readonly [string, string];
  /** Directory, possibly in a zip archive, relative to the file's own. */
  readonly location: string;
  readonly dependencies: readonly (readonly [string, string])[];
}

const MAX_PACKAGES = 200_000;
const STATE = "RAW_RUNTIME_STATE =";
const INLINE = "hydrateRuntimeState({";

/**
 * Reads the data of Yarn's Plug'n'Play (yarnpkg.com/advanced/pnp-spec): `.pnp.data.json`, or the JSON inside the program
 * `.pnp.cjs`, which is never run: a string since Yarn 4, an argument before. INPUT_INVALID where there is none, LIMIT_EXCEEDED
 * beyond 200 000 packages.
 */
export const readPnp = (bytes: Uint8Array): readonly PnpPackage[] => {
  const registry = readJsonObject(Buffer.from(findData(new TextDecoder().decode(bytes))), ".pnp.cjs")[
    "packageRegistryData"
  ];
  const packages: PnpPackage[] = [];
  for (const [name, versions] of pairsOf(registry))
    for (const [reference, info] of pairsOf(versions)) {
      if (packages.length >= MAX_PACKAGES)
        throw new WaybillError("LIMIT_EXCEEDED", `.pnp.cjs of more than ${MAX_PACKAGES} packages`);
      if (!isJsonFields(info) || typeof info["packageLocation"] !== "string") continue;
      const dependencies = pairsOf(info["packageDependencies"]).flatMap(readDependency);
      packages.push({ locator: [textOf(name), textOf(reference)], location: info["packageLocation"], dependencies });
    }
  return packages;
};

const pairsOf = (value: unknown): readonly (readonly [unknown, unknown])[] =>
  Array.isArray(value) ? value.flatMap((pair) => (Array.isArray(pair) ? [[pair[0], pair[1]] as const] : [])) : [];

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

// `[name, reference]`, `[alias, [name, reference]]`, or `[name, null]` for a peer that nobody brought.
const readDependency = ([name, target]: readonly [unknown, unknown]): readonly (readonly [string, string])[] => {
  if (Array.isArray(target)) return [[textOf(target[0]), textOf(target[1])]];
  return typeof target === "string" ? [[textOf(name), target]] : [];
};

const findData = (text: string): string => {
  if (/^\s{0,100}\{/.test(text)) return text;
  const state = text.indexOf(STATE);
  if (state >= 0) return readLiteral(text, text.indexOf("'", state));
  const inline = text.indexOf(INLINE);
  if (inline >= 0) return sliceObject(text, inline + INLINE.length - 1);
  throw noData();
};

// A JavaScript string in single quotes whose lines go on after a backslash.
const readLiteral = (text: string, start: number): string => {
  for (let at = start + 1; start >= 0 && at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === "'")
      return text
        .slice(start + 1, at)
        .replace(/\\(\r?\n|[^])/g, (_, what: string) => (what.endsWith("\n") ? "" : what));
  }
  throw noData();
};

const sliceObject = (text: string, start: number): string => {
  let depth = 0;
  let isString = false;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '"') isString = !isString;
    else if (isString) at += character === "\\" ? 1 : 0;
    else if (character === "{") depth++;
    else if (character === "}" && --depth === 0) return text.slice(start, at + 1);
  }
  throw noData();
};

const noData = (): WaybillError => new WaybillError("INPUT_INVALID", ".pnp.cjs without its data");
