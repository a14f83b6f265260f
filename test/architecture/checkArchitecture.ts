import { posix } from "node:path";
import { readFacts } from "./readFacts.ts";
import type { Import, SourceFacts } from "./readFacts.ts";

/** What one room may do. A name in `types` may only be imported with `import type`. */
export interface Room {
  readonly imports: readonly string[];
  readonly types?: readonly string[];
  /** npm packages; `@scope/*` and `prefix-*` stand for all that begin so. */
  readonly npm?: readonly string[];
  /** Node modules without `node:`; undefined for rooms that may use any. */
  readonly node?: readonly string[];
}

export interface Rules {
  readonly rooms: Readonly<Record<string, Room>>;
  /** Rooms without clock, randomness, environment or network. */
  readonly pure: readonly string[];
}

export interface SourceFile {
  /** From the project's root, such as `src/core/digest.ts`. */
  readonly path: string;
  readonly text: string;
}

/** Everything that breaks the rules, one line each: `src/core/x.ts: what is wrong`. */
export const checkArchitecture = (rules: Rules, files: readonly SourceFile[]): readonly string[] => {
  const facts = files.map((file) => readFacts(file.path, file.text));
  return [...facts.flatMap((one) => checkFile(rules, one)), ...checkExits(facts), ...findCycles(facts)];
};

const roomOf = (path: string): string => (path.split("/").length > 2 ? (path.split("/")[1] ?? "") : "");

const checkFile = (rules: Rules, facts: SourceFacts): readonly string[] => {
  const name = roomOf(facts.path);
  const room = rules.rooms[name];
  if (room === undefined) return [`${facts.path}: stands in no room of the table`];
  const wrong = facts.imports.map((one) => checkImport(name, room, facts.path, one));
  const impure = rules.pure.includes(name) ? facts.impurities.map((what) => `a pure room uses ${what}`) : [];
  const thrown = facts.throwsPlainError ? ["throws a plain Error; only WaybillError has a code"] : [];
  return [...wrong.filter((one) => one !== undefined), ...impure, ...thrown].map((what) => `${facts.path}: ${what}`);
};

const checkImport = (name: string, room: Room, path: string, one: Import): string | undefined => {
  if (one.specifier === undefined) return "imports something that only shows when it runs";
  if (one.specifier.startsWith("#")) return checkEdge(name, room, one.specifier.slice(1), one.typeOnly);
  if (one.specifier.startsWith(".")) return checkRelative(name, path, one.specifier);
  if (one.specifier.startsWith("node:")) return checkNode(room, one.specifier.slice(5));
  return checkPackage(name, room, one.specifier);
};

const checkEdge = (name: string, room: Room, target: string, typeOnly: boolean): string | undefined => {
  const other = target.split("/")[0] ?? "";
  if (!target.endsWith(".ts")) return `#${target} does not end in .ts`;
  if (other === name || room.imports.includes(other) || room.imports.includes("*")) return undefined;
  if (room.types?.includes(other) === true) {
    return typeOnly ? undefined : `${name} may import types of ${other}, not values (#${target})`;
  }
  return `${name} may not import ${other} (#${target})`;
};

const checkRelative = (name: string, path: string, specifier: string): string | undefined => {
  const target = posix.join(posix.dirname(path), specifier);
  if (target === "package.json" && name === "main") return undefined;
  return target.startsWith(`src/${name}/`) ? undefined : `${specifier} leaves the room; write #room/file.ts`;
};

const checkNode = (room: Room, module: string): string | undefined =>
  room.node === undefined || room.node.includes(module.split("/")[0] ?? "") ? undefined : `may not use node:${module}`;

const checkPackage = (name: string, room: Room, specifier: string): string | undefined => {
  const parts = specifier.split("/");
  const found = specifier.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? "");
  const allowed = (room.npm ?? []).some((entry) =>
    entry.endsWith("*") ? found.startsWith(entry.slice(0, -1)) : entry === found,
  );
  return allowed ? undefined : `${name} may not use the npm package ${found}`;
};

/** `process.exit` cuts off whatever is under way: once, where the program ends, and once more where it fails. */
const checkExits = (facts: readonly SourceFacts[]): readonly string[] =>
  facts.flatMap(({ path, exits }) =>
    exits > 0 && path !== "src/main/program.ts" ? [`${path}: only src/main/program.ts may call process.exit`] : [],
  );

/** Cycles of files; types count, since whoever reads one of the files has to read all. */
const findCycles = (facts: readonly SourceFacts[]): readonly string[] => {
  const targets = new Map(facts.map((one) => [one.path, one.imports.flatMap((edge) => targetPath(one.path, edge))]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at !== -1) cycles.push(`${path}: imports itself through ${[...trail.slice(at + 1), path].join(" -> ")}`);
    if (at !== -1 || done.has(path)) return;
    for (const target of targets.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of targets.keys()) visit(path, []);
  return cycles;
};

const targetPath = (path: string, { specifier, lazy }: Import): readonly string[] => {
  // A lazily loaded file may use what its loader uses.
  if (specifier === undefined || lazy) return [];
  if (specifier.startsWith("#")) return [`src/${specifier.slice(1)}`];
  return specifier.startsWith(".") ? [posix.join(posix.dirname(path), specifier)] : [];
};
