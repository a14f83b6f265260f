import { LineCounter, isAlias, isCollection, isMap, isNode, isScalar, parseAllDocuments, visit } from "yaml";
import type { Alias, Document, Node, ParsedNode, YAMLMap } from "yaml";
import { WaybillError } from "#core/errors.ts";

/** One document of a file of YAML or JSON. */
export interface YamlDocument {
  readonly root: Node;
  readonly lineOf: (node: Node) => number;
  /** What stands behind an alias; any other node is itself. */
  readonly resolve: (node: unknown) => Node | undefined;
  /** Members of a mapping with those that `<<` merges in, which its own names and earlier merges override. */
  readonly entriesOf: (map: YAMLMap) => ReadonlyMap<string, unknown>;
}

/**
 * Parses a file that others will parse with other programs: what two of them could read differently (a name that stands twice,
 * tags, other versions of YAML, an alias without an anchor) is refused. INPUT_INVALID with `details.line`.
 */
export const parseYamlFile = (text: string): readonly YamlDocument[] => {
  const lines = new LineCounter();
  return parse(text, lines).flatMap((document) => {
    const [problem] = [...document.errors, ...document.warnings];
    if (problem !== undefined)
      throw invalidYaml(lines.linePos(problem.pos[0]).line, `not valid YAML (${problem.code})`);
    if (document.directives.yaml.explicit === true && document.directives.yaml.version !== "1.2") {
      throw invalidYaml(1, "another version of YAML than 1.2 is asked for");
    }
    const { contents } = document;
    if (contents === null || (isScalar(contents) && contents.value === null)) return [];
    return [readDocument(contents, document, lines)];
  });
};

const invalidYaml = (line: number, reason: string): WaybillError =>
  new WaybillError("INPUT_INVALID", reason, {
    hint: "Fill in templates first: helm template, kustomize build, docker compose config.",
    details: { line },
  });

// Megabytes of brackets and dashes take gigabytes to parse; nobody nests like this.
const ABYSS = /(?:[-?[{][ \t]?){200}/;

// YAML 1.1, which kubectl and Helm read, ends lines and so comments where 1.2 and this parser do not.
const OTHER_BREAK = /[\u0085\u2028\u2029]|\r(?!\n)/;

// kubectl cuts a file before it parses it: at these three characters, and then drops or refuses the rest of the line.
const ODD_SEPARATOR = /^---(?![\t ]*\r?$|[\t ]+#)/m;

const refuseOddLines = (text: string): void => {
  for (const [pattern, reason] of [
    [OTHER_BREAK, "a character ends the line for some readers of YAML, and for others it does not"],
    [ODD_SEPARATOR, "--- stands before something else, where some readers begin a document"],
  ] as const) {
    const at = text.search(pattern);
    if (at !== -1) throw invalidYaml(text.slice(0, at).split("\n").length, reason);
  }
};

const parse = (text: string, lineCounter: LineCounter): readonly Document.Parsed[] => {
  refuseOddLines(text);
  if (ABYSS.test(text)) throw invalidYaml(1, "it is nested too deeply");
  try {
    // Looking for names that stand twice is quadratic there, so it is done here.
    const options = {
      version: "1.2",
      schema: "core",
      prettyErrors: false,
      uniqueKeys: false,
      resolveKnownTags: false,
      lineCounter,
    } as const;
    const documents = parseAllDocuments(text, options);
    return Array.isArray(documents) ? documents : [];
  } catch (error) {
    // Brackets nested by the thousand end the parser's stack.
    if (error instanceof RangeError) throw invalidYaml(1, "it is nested too deeply");
    throw error;
  }
};

const readDocument = (root: ParsedNode, document: Document.Parsed, lines: LineCounter): YamlDocument => {
  const lineOf = (node: Node): number => lines.linePos(node.range?.[0] ?? 0).line;
  const targets = bindAliases(document, lineOf);
  const resolve = (node: unknown): Node | undefined =>
    isAlias(node) ? targets.get(node) : isNode(node) ? node : undefined;
  const entriesOf = (map: YAMLMap): ReadonlyMap<string, unknown> => readEntries(map, { resolve, lineOf }, 0);
  visit(document, {
    Map: (_, map) => {
      ownEntries(map, { resolve, lineOf });
    },
  });
  return { root, lineOf, resolve, entriesOf };
};

type Resolver = Pick<YamlDocument, "resolve" | "lineOf">;

/** Aliases stand for the nearest anchor of their name before them. One pass: a document may hold very many of both. */
const bindAliases = (document: Document.Parsed, lineOf: (node: Node) => number): ReadonlyMap<Alias, Node> => {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(document, {
    Node: (_, node) => {
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchors.set(node.anchor, node);
        return;
      }
      const target = anchors.get(node.source);
      if (target === undefined) throw invalidYaml(lineOf(node), "an alias has no anchor before it");
      targets.set(node, target);
    },
  });
  return targets;
};

const ownEntries = (map: YAMLMap, { resolve, lineOf }: Resolver): ReadonlyMap<string, unknown> => {
  const entries = new Map<string, unknown>();
  for (const { key, value } of map.items) {
    const name = resolve(key);
    if (!isScalar(name)) throw invalidYaml(lineOf(name ?? map), "a name is not text");
    const text = String(name.value);
    if (entries.has(text)) throw invalidYaml(lineOf(name), `${JSON.stringify(text.slice(0, 80))} stands there twice`);
    entries.set(text, value);
  }
  return entries;
};

const MAX_MERGES = 20;

const readEntries = (map: YAMLMap, resolver: Resolver, depth: number): ReadonlyMap<string, unknown> => {
  const own = ownEntries(map, resolver);
  const merged = own.get("<<");
  if (merged === undefined) return own;
  if (depth > MAX_MERGES) throw invalidYaml(resolver.lineOf(map), "merges are nested too deeply");
  const source = resolver.resolve(merged);
  const sources = isCollection(source) && !isMap(source) ? source.items : [source];
  const entries = new Map(own);
  entries.delete("<<");
  const names = [...own.keys()];
  const before = new Set(names.slice(0, names.indexOf("<<")));
  for (const one of sources) {
    const target = resolver.resolve(one);
    if (!isMap(target)) throw invalidYaml(resolver.lineOf(map), "<< merges something that is no mapping");
    for (const [name, value] of readEntries(target, resolver, depth + 1)) {
      // There readers of YAML 1.1 let the merged one win (go-yaml v2, which kubectl has).
      if (before.has(name))
        throw invalidYaml(
          resolver.lineOf(map),
          `${JSON.stringify(name.slice(0, 80))} stands before << that brings it, too; << goes first`,
        );
      if (!entries.has(name)) entries.set(name, value);
    }
  }
  return entries;
};
