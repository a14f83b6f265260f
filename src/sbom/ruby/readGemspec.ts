import { plainText } from "#sbom/plainText.ts";
import { readRubyLiteral } from "#sbom/ruby/rubyLiteral.ts";

/** A dependency that a gem needs to run. */
export interface GemDependency {
  readonly name: string;
  /** All of which must hold: `~> 2.2`, `>= 2.2.4`. */
  readonly requirements: readonly string[];
}

/** What a gemspec says in so many words; what would have to be run to be known is absent. */
export interface Gemspec {
  readonly name?: string;
  readonly version?: string;
  /** Absent for gems that run on any. */
  readonly platform?: string;
  readonly licenses: readonly string[];
  readonly authors?: string;
  readonly summary?: string;
  readonly homepage?: string;
  readonly dependencies: readonly GemDependency[];
}

const MAX_ASSIGNMENTS = 300;
const MAX_DEPENDENCIES = 1500;
const NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const VERSION = /^[0-9][0-9A-Za-z.-]{0,127}$/;
const PLATFORM = /^[a-z0-9_][A-Za-z0-9_.-]{0,63}$/;
// RubyGems puts what it needs often into a comment: `# stub: nokogiri 1.13.10 x86_64-linux lib`.
const STUB = /^# stub: (\S{1,128}) (\S{1,128}) (\S{1,64}) /m;
const ASSIGNMENT =
  /^[ \t]*[a-z_]\w{0,30}\.(name|version|platform|licenses?|homepage|authors?|summary)[ \t]*=(?![=~>])[ \t]*/gm;
const DEPENDENCY = /^[ \t]*[a-z_]\w{0,30}\.add_(runtime_|development_)?dependency[ \t]*\(?[ \t]*/gm;

/** Reads a gemspec's Ruby source: assignments and calls with literals, as RubyGems writes them. Nothing is evaluated. */
export const readGemspec = (bytes: Uint8Array): Gemspec => {
  const source = new TextDecoder().decode(bytes);
  const fields = readAssignments(source);
  const [, stubName, stubVersion, stubPlatform] = STUB.exec(source) ?? [];
  const name = matching(first(fields.get("name")) ?? stubName, NAME);
  const version = matching(first(fields.get("version")) ?? stubVersion, VERSION);
  const platform = matching(first(fields.get("platform")) ?? stubPlatform, PLATFORM);
  const authors = all(fields.get("authors") ?? fields.get("author")).join(", ");
  return {
    ...optional("name", name),
    ...optional("version", version),
    ...optional("platform", platform === "ruby" ? undefined : platform),
    licenses: all(fields.get("licenses") ?? fields.get("license"))
      .flatMap((text) => plainText(text, 200) ?? [])
      .slice(0, 20),
    ...optional("authors", plainText(authors, 300)),
    ...optional("summary", plainText(first(fields.get("summary")), 500)),
    ...optional("homepage", plainText(first(fields.get("homepage")), 500)),
    dependencies: readDependencies(source),
  };
};

type Value = string | readonly string[];

const readAssignments = (source: string): ReadonlyMap<string, Value> => {
  const fields = new Map<string, Value>();
  for (const match of source.matchAll(ASSIGNMENT).take(MAX_ASSIGNMENTS)) {
    const value = readRubyLiteral(source, match.index + match[0].length)?.value;
    if (value !== undefined) fields.set(match[1] ?? "", value);
  }
  return fields;
};

/**
 * Runtime dependencies. Until RubyGems 3.5 a branch for the RubyGems of 2008 repeats all of them, those for development too,
 * as plain `add_dependency`: what is for development elsewhere is so there.
 */
const readDependencies = (source: string): readonly GemDependency[] => {
  const found = new Map<string, GemDependency>();
  const development = new Set<string>();
  for (const match of source.matchAll(DEPENDENCY).take(MAX_DEPENDENCIES)) {
    const name = readRubyLiteral(source, match.index + match[0].length);
    if (typeof name?.value !== "string" || !NAME.test(name.value)) continue;
    if (match[1] === "development_") development.add(name.value);
    else if (!found.has(name.value))
      found.set(name.value, { name: name.value, requirements: readRequirements(source, name.end) });
  }
  return [...found.values()].filter((one) => !development.has(one.name));
};

const SEPARATOR = /[ \t]*,[ \t\r\n]*/y;
const MAX_REQUIREMENTS = 10;

const readRequirements = (source: string, start: number): readonly string[] => {
  const requirements: string[] = [];
  for (let at = start; requirements.length < MAX_REQUIREMENTS;) {
    SEPARATOR.lastIndex = at;
    const separator = SEPARATOR.exec(source);
    const literal = separator && readRubyLiteral(source, at + separator[0].length);
    if (!literal) break;
    requirements.push(...all(literal.value).map((text) => text.slice(0, 200)));
    at = literal.end;
  }
  return requirements.slice(0, MAX_REQUIREMENTS);
};

const first = (value: Value | undefined): string | undefined => (typeof value === "string" ? value : value?.[0]);

const all = (value: Value | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === "string" ? [value] : value;

const matching = (text: string | undefined, pattern: RegExp): string | undefined =>
  text !== undefined && pattern.test(text) ? text : undefined;

const optional = <K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } =>
  value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: string });
