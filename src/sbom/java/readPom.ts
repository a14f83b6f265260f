import type { MavenName } from "#sbom/java/readPomProperties.ts";
import { plainText } from "#sbom/plainText.ts";
import { visitXml } from "#sbom/java/visitXml.ts";

/** A pom.xml as it is written: properties are not put in yet. */
export interface Pom extends MavenName {
  readonly parent: MavenName | undefined;
  readonly name?: string;
  readonly description?: string;
  readonly url?: string;
  readonly organization?: string;
  readonly licenses: readonly { readonly name?: string; readonly url?: string }[];
  readonly dependencies: readonly PomDependency[];
  readonly properties: ReadonlyMap<string, string>;
}

export interface PomDependency {
  readonly group?: string;
  readonly artifact?: string;
  readonly scope?: string;
  readonly optional?: string;
}

const MAX_DEPENDENCIES = 500;
const MAX_LICENSES = 20;
const MAX_PROPERTIES = 2000;
const FIELDS: ReadonlyMap<string, string> = new Map([
  ["project/groupId", "group"],
  ["project/artifactId", "artifact"],
  ["project/version", "version"],
  ["project/name", "name"],
  ["project/description", "description"],
  ["project/url", "url"],
  ["project/organization/name", "organization"],
]);
const NAMES: ReadonlyMap<string, string> = new Map([
  ["groupId", "group"],
  ["artifactId", "artifact"],
  ["version", "version"],
  ["scope", "scope"],
  ["optional", "optional"],
  ["name", "name"],
  ["url", "url"],
]);

const LICENSE = "project/licenses/license";
const DEPENDENCY = "project/dependencies/dependency";
const PROPERTIES = "project/properties";
const PARENT = "project/parent";
const PARTS: ReadonlySet<string> = new Set([PARENT, LICENSE, DEPENDENCY]);

type Fields = Record<string, string>;

interface Draft {
  readonly fields: Fields;
  readonly licenses: Fields[];
  readonly dependencies: Fields[];
  readonly properties: Map<string, string>;
  parent: Fields | undefined;
  /** What was read so far of the parent, licence or dependency that is open. */
  part: Fields;
}

/** Reads a Maven project (POM 4.0.0). INPUT_INVALID for what is no XML. */
export const readPom = (bytes: Buffer): Pom => {
  const draft: Draft = {
    fields: {},
    licenses: [],
    dependencies: [],
    properties: new Map(),
    parent: undefined,
    part: {},
  };
  visitXml(decode(bytes), (path, raw) => {
    if (PARTS.has(path)) endPart(draft, path);
    else keepText(draft, path, plainText(raw, 1000));
  });
  const { fields, parent, licenses, dependencies, properties } = draft;
  return { ...fields, parent, licenses, dependencies, properties };
};

const endPart = (draft: Draft, path: string): void => {
  const { part, licenses, dependencies } = draft;
  draft.part = {};
  if (path === PARENT) draft.parent = part;
  else if (path === LICENSE && licenses.length < MAX_LICENSES) licenses.push(part);
  else if (path === DEPENDENCY && dependencies.length < MAX_DEPENDENCIES) dependencies.push(part);
};

const keepText = ({ fields, part, properties }: Draft, path: string, text: string | undefined): void => {
  if (text === undefined) return;
  const field = FIELDS.get(path);
  if (field !== undefined) {
    fields[field] ??= text;
    return;
  }
  const slash = path.lastIndexOf("/");
  const [holder, name] = [path.slice(0, slash), path.slice(slash + 1)];
  const key = PARTS.has(holder) ? NAMES.get(name) : undefined;
  if (key !== undefined) part[key] = text;
  else if (holder === PROPERTIES && properties.size < MAX_PROPERTIES) properties.set(name, text);
};

const decode = (bytes: Buffer): string =>
  /encoding=["']ISO-8859-1["']/i.test(bytes.subarray(0, 100).toString("latin1"))
    ? bytes.toString("latin1")
    : bytes.toString("utf8");
