import type { Pom } from "#sbom/java/readPom.ts";
import type { MavenName } from "#sbom/java/readPomProperties.ts";
import { plainWord } from "#sbom/java/plainWord.ts";

/** What a project needs when it runs. */
export interface MavenDependency {
  readonly group: string;
  readonly artifact: string;
}

/** A project with its parents' values and its properties put in. */
export interface ResolvedPom extends MavenName {
  readonly name?: string;
  readonly description?: string;
  readonly url?: string;
  readonly organization?: string;
  readonly licenses: Pom["licenses"];
  /** Those of scope compile and runtime that are not optional. */
  readonly dependencies: readonly MavenDependency[];
}

const MAX_PARENTS = 8;
const MAX_ROUNDS = 8;
const MAX_VALUE = 1000;
// The scopes that put a jar beside the program (Maven, "Dependency Scope").
const NEEDED: ReadonlySet<string> = new Set(["compile", "runtime"]);

/** Puts parents' values and properties in; `findPom` looks among the poms at hand. A value that stays open is left out. */
export const resolvePom = (pom: Pom, findPom: (name: MavenName) => Pom | undefined): ResolvedPom => {
  const line = lineage(pom, findPom);
  const put = interpolator(line);
  const word = (text: string | undefined): string | undefined => plainWord(put(text));
  const inherited = (read: (one: Pom) => string | undefined): string | undefined =>
    put(line.map(read).find((value) => value !== undefined));
  const dependencies = line
    .flatMap((one) => one.dependencies)
    .flatMap(({ group, artifact, scope, optional }) => {
      const [groupName, artifactName] = [word(group), word(artifact)];
      if (groupName === undefined || artifactName === undefined) return [];
      if (!NEEDED.has(put(scope) ?? "compile") || put(optional) === "true") return [];
      return [{ group: groupName, artifact: artifactName }];
    });
  return {
    ...defined({
      group: plainWord(inherited((one) => one.group) ?? put(line.at(-1)?.parent?.group)),
      artifact: word(pom.artifact),
      version: plainWord(inherited((one) => one.version) ?? put(line.at(-1)?.parent?.version)),
      name: put(pom.name),
      description: inherited((one) => one.description),
      // A parent's address is the parent's.
      url: put(pom.url),
      organization: inherited((one) => one.organization),
    }),
    licenses: line.find((one) => one.licenses.length > 0)?.licenses ?? [],
    dependencies,
  };
};

// The project, its parent, and so on, as far as they are at hand.
const lineage = (pom: Pom, findPom: (name: MavenName) => Pom | undefined): readonly Pom[] => {
  const line = [pom];
  for (let at = pom; at.parent !== undefined && line.length < MAX_PARENTS;) {
    const parent = findPom(at.parent);
    if (parent === undefined || line.includes(parent)) break;
    line.push(parent);
    at = parent;
  }
  return line;
};

const interpolator = (line: readonly Pom[]): ((text: string | undefined) => string | undefined) => {
  const [own] = line;
  const parent = own?.parent;
  const builtIn: Readonly<Record<string, string | undefined>> = {
    groupId: line.find((one) => one.group !== undefined)?.group ?? line.at(-1)?.parent?.group,
    artifactId: own?.artifact,
    version: line.find((one) => one.version !== undefined)?.version ?? line.at(-1)?.parent?.version,
    name: own?.name,
    "parent.groupId": parent?.group,
    "parent.artifactId": parent?.artifact,
    "parent.version": parent?.version,
  };
  const find = (name: string): string | undefined => {
    const plain = name.replace(/^(?:project|pom)\./, "");
    if (Object.hasOwn(builtIn, plain)) return builtIn[plain];
    return line.find((one) => one.properties.has(name))?.properties.get(name);
  };
  return (text) => {
    let value = text;
    for (let round = 0; round < MAX_ROUNDS && value?.includes("${") === true; round++) {
      // A value that grows (a property of properties of properties) is nobody's name.
      if (value.length > MAX_VALUE) return undefined;
      value = value.replace(/\$\{([^{}$]{1,200})\}/g, (whole, name: string) => find(name) ?? whole);
    }
    return value?.includes("${") === true ? undefined : value;
  };
};

const defined = <T extends object>(values: T): { readonly [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    readonly [K in keyof T]?: Exclude<T[K], undefined>;
  };
