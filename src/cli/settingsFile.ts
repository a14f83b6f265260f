import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument } from "yaml";
import type { YAMLMap } from "yaml";
import type { RawFlag } from "#cli/flag.ts";
import { WaybillError } from "#core/errors.ts";

/** One setting as a file has it: texts and numbers as text, in the digits that were written. */
export interface Setting {
  /** In kebab-case, as the flag is written without its dashes. */
  readonly name: string;
  readonly raw: RawFlag;
  readonly line: number;
}

/** The settings of one command alone. */
export interface Section {
  readonly command: string;
  readonly line: number;
  readonly settings: readonly Setting[];
}

export interface SettingsFile {
  readonly path: string;
  /** For all commands that have such a flag. */
  readonly shared: readonly Setting[];
  readonly sections: readonly Section[];
}

const MAX_BYTES = 256 * 1024;

/**
 * Reads a settings file: YAML 1.2, a mapping of flag names, and under `commands` one for each command. No aliases, no tags, no
 * second document. Throws CONFIG_INVALID with file and line; messages never repeat a value, since it may be a secret.
 */
export const parseSettings = (bytes: Uint8Array, path: string): SettingsFile => {
  if (bytes.byteLength > MAX_BYTES) throw configError(path, `has more than ${MAX_BYTES} bytes`);
  const lines = new LineCounter();
  const root = parseYaml(decode(bytes, path), path, lines);
  const empty = { path, shared: [], sections: [] };
  if (root === null || (isScalar(root) && root.value === null)) return empty;
  const file: Source = { path, lines };
  const pairs = pairsOf(root, file, "the settings");
  const commands = pairs.find(({ name }) => name === "commands");
  return {
    path,
    shared: pairs.filter((pair) => pair !== commands).map((pair) => readSetting(pair, file)),
    sections:
      commands === undefined ? [] : pairsOf(commands.value, file, "commands").map((one) => readSection(one, file)),
  };
};

const configError = (path: string, reason: string, line?: number): WaybillError =>
  new WaybillError("CONFIG_INVALID", `${path}${line === undefined ? "" : `:${line}`}: ${reason}`);

interface Source {
  readonly path: string;
  readonly lines: LineCounter;
}

interface Pair {
  readonly name: string;
  readonly line: number;
  readonly value: unknown;
}

const decode = (bytes: Uint8Array, path: string): string => {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw configError(path, "is not UTF-8 text");
  }
};

const parseYaml = (text: string, path: string, lineCounter: LineCounter): unknown => {
  try {
    const document = parseDocument(text, { version: "1.2", schema: "core", prettyErrors: false, lineCounter });
    const [problem] = [...document.errors, ...document.warnings];
    if (problem === undefined) return document.contents;
    throw configError(path, `not valid YAML (${problem.code})`, lineCounter.linePos(problem.pos[0]).line);
  } catch (error) {
    // Brackets nested by the thousand end the parser's stack.
    if (error instanceof RangeError) throw configError(path, "is nested too deeply");
    throw error;
  }
};

const pairsOf = (node: unknown, file: Source, what: string): readonly Pair[] => {
  if (!isMap(node)) throw configError(file.path, `${what} must be a mapping of names to values`, lineOf(node, file));
  refuseTag(node, file);
  return (node as YAMLMap).items.map(({ key, value }) => {
    if (!isScalar(key) || typeof key.value !== "string") {
      throw configError(file.path, `${what}: a name is not text`, lineOf(key ?? node, file));
    }
    refuseTag(key, file);
    return { name: key.value, line: lineOf(key, file) ?? 1, value };
  });
};

const readSection = ({ name, line, value }: Pair, file: Source): Section => ({
  command: name,
  line,
  settings: pairsOf(value, file, name).map((pair) => readSetting(pair, file)),
});

const readSetting = ({ name, line, value }: Pair, file: Source): Setting => {
  const fail = (reason: string): WaybillError => configError(file.path, `${name.slice(0, 80)} ${reason}`, line);
  if (isMap(value)) throw fail("is a mapping; only the names of commands below commands: hold one");
  refuseTag(value, file);
  if (!isSeq(value)) return { name, line, raw: readScalar(value, fail) };
  const items = value.items.map((item) => {
    refuseTag(item, file);
    return readScalar(item, fail);
  });
  if (items.some((item) => typeof item === "boolean")) throw fail("lists true or false; write texts, in quotes");
  return { name, line, raw: items.map(String) };
};

const readScalar = (node: unknown, fail: (reason: string) => WaybillError): boolean | string => {
  if (isAlias(node)) throw fail("is an alias; write the value out");
  if (!isScalar(node)) throw fail("holds a list or a mapping within a list");
  const { value, source } = node;
  if (typeof value === "boolean" || typeof value === "string") return value;
  // As it was written: 1.10 is not 1.1.
  if (typeof value === "number" && source !== undefined) return source;
  throw fail("has no value");
};

// A tag can make anything of a value, and a settings file needs none.
const refuseTag = (node: unknown, file: Source): void => {
  const { tag, anchor } = node !== null && typeof node === "object" ? (node as Tagged) : {};
  if (tag !== undefined || anchor !== undefined) {
    throw configError(file.path, "tags and anchors are not allowed", lineOf(node, file));
  }
};

interface Tagged {
  readonly tag?: string;
  readonly anchor?: string;
}

const lineOf = (node: unknown, { lines }: Source): number | undefined => {
  const start = (node as { readonly range?: readonly number[] | null } | null | undefined)?.range?.[0];
  return start === undefined ? undefined : lines.linePos(start).line;
};
