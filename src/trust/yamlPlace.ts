import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument } from "yaml";
import type { Document } from "yaml";
import { nearest } from "#core/nearest.ts";
import { WaybillError } from "#core/errors.ts";
import type { TrustFlaw } from "#trust/trustFlaw.ts";

/** A value in a YAML file, and where it stands. */
export interface YamlPlace {
  readonly node: unknown;
  /** From the top, such as `sets.prod.keys[0]`; empty at the top itself. */
  readonly path: string;
  readonly line: number;
  readonly file: YamlFile;
}

interface YamlFile {
  readonly name: string;
  readonly lines: LineCounter;
}

const MAX_BYTES = 1024 * 1024;
// Brackets and dashes by the megabyte take gigabytes to parse; nobody nests like this.
const ABYSS = /(?:[-?[{][ \t]?){100}/;

/**
 * Opens a trust document: one document of YAML 1.2, no aliases, no tags, no name twice. TRUST_INVALID with file and line,
 * LIMIT_EXCEEDED beyond 1 MiB.
 */
export const openYaml = (text: string, name: string): YamlPlace => {
  const lines = new LineCounter();
  const file = { name, lines };
  if (Buffer.byteLength(text) > MAX_BYTES) {
    throw new WaybillError("LIMIT_EXCEEDED", `${name}: more than ${MAX_BYTES} bytes`);
  }
  const top = { node: null, path: "", line: 1, file };
  if (ABYSS.test(text)) throw flawAt(top, "it is nested too deeply");
  const document = parseWhole(text, top);
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) {
    const line = lines.linePos(problem.pos[0]).line;
    throw flawAt({ ...top, line }, `not valid YAML (${problem.code})`);
  }
  return placeOf({ ...top, node: document.contents }, document.contents, "");
};

const parseWhole = (text: string, top: YamlPlace): Document.Parsed => {
  try {
    const { lines: lineCounter } = top.file;
    return parseDocument(text, { version: "1.2", schema: "core", prettyErrors: false, lineCounter });
  } catch (error) {
    // Values nested by the thousand end the parser's stack.
    if (error instanceof RangeError) throw flawAt(top, "it is nested too deeply");
    throw error;
  }
};

/** TRUST_INVALID about a place: file, line, path and what is wrong there. */
export const flawAt = (
  place: YamlPlace,
  reason: string,
  hint?: string,
  flaw: TrustFlaw = "unreadable",
): WaybillError => {
  const { file, line, path } = place;
  return new WaybillError("TRUST_INVALID", `${file.name}:${line}: ${path === "" ? "" : `${path}: `}${reason}`, {
    hint: hint ?? "Correct the document; docs/trust.md describes it.",
    details: { flaw, file: file.name, line },
  });
};

/** The values of a mapping that may have these names and no other: an unknown name may be a demand that nobody would heed. */
export const membersOf = <N extends string>(
  place: YamlPlace,
  names: readonly N[],
): Readonly<Partial<Record<N, YamlPlace>>> => {
  const members = entriesOf(place);
  for (const [name, member] of members) {
    if ((names as readonly string[]).includes(name)) continue;
    const meant = nearest(name, names);
    const hint = meant === undefined ? `Known here: ${names.join(", ")}.` : `Did you mean ${meant}?`;
    throw flawAt({ ...member, path: place.path }, `unknown field ${JSON.stringify(name.slice(0, 80))}`, hint);
  }
  return Object.fromEntries(members) as Partial<Record<N, YamlPlace>>;
};

/** The values of a mapping by whatever names it has; each on the line of its name. */
export const entriesOf = (place: YamlPlace): ReadonlyMap<string, YamlPlace> => {
  const { node } = place;
  if (!isMap(node)) throw flawAt(place, "a mapping is wanted");
  return new Map(
    node.items.map(({ key, value }) => {
      const named = placeOf(place, key, place.path);
      if (!isScalar(key) || typeof key.value !== "string") throw flawAt(named, "a name is not text");
      const { line } = named;
      return [
        key.value,
        { ...placeOf(place, value, place.path === "" ? key.value : `${place.path}.${key.value}`), line },
      ];
    }),
  );
};

export const listAt = (place: YamlPlace, max: number): readonly YamlPlace[] => {
  const { node } = place;
  if (!isSeq(node)) throw flawAt(place, "a list is wanted");
  if (node.items.length > max) throw flawAt(place, `${node.items.length} entries, the limit is ${max}`);
  return node.items.map((item, index) => placeOf(place, item, `${place.path}[${index}]`));
};

export const textAt = (place: YamlPlace): string => {
  const { node } = place;
  if (isScalar(node) && typeof node.value === "string" && node.value !== "") return node.value;
  throw flawAt(place, "text is wanted", "Put a value that looks like a number or like true in quotes.");
};

/** The value as plain JSON. */
export const jsonAt = (place: YamlPlace): string => {
  const { node } = place;
  if (!isMap(node)) throw flawAt(place, "a mapping is wanted");
  // What stands within is looked at by whoever reads the JSON; only aliases could make it grow.
  refuseAliases(place);
  return JSON.stringify(node.toJSON());
};

const refuseAliases = (place: YamlPlace): void => {
  const { node } = place;
  if (isMap(node)) entriesOf(place).forEach(refuseAliases);
  else if (isSeq(node))
    node.items.forEach((item, index) => refuseAliases(placeOf(place, item, `${place.path}[${index}]`)));
};

const placeOf = (around: YamlPlace, node: unknown, path: string): YamlPlace => {
  const { range, tag, anchor } = (node ?? {}) as Placed;
  const { file } = around;
  const place = { node, path, line: range?.[0] === undefined ? around.line : file.lines.linePos(range[0]).line, file };
  if (isAlias(node) || tag !== undefined || anchor !== undefined) {
    throw flawAt(place, "tags, anchors and aliases are not allowed", "Write the value out.");
  }
  return place;
};

interface Placed {
  readonly range?: readonly number[] | null;
  readonly tag?: string;
  readonly anchor?: string;
}
