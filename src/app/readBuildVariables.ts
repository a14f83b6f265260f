import { readCommit, readMoment, readName, readUri } from "#claims/provenanceFlag.ts";
import { hasCode } from "#core/errors.ts";
import type { BuildSystem } from "#app/buildSystems.ts";
import { cleanSource, withoutCredentials } from "#app/cleanSource.ts";

/** What an environment says about a build, each as the flag of that name would take it. */
export interface StatedFacts {
  readonly source?: string;
  readonly commitSha?: string;
  readonly buildId?: string;
  readonly builderId?: string;
  readonly buildType?: string;
  readonly startedOn?: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface ReadVariables {
  readonly facts: StatedFacts;
  /** Fields that were there and are not usable. */
  readonly leftOut: readonly string[];
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * What a build system's variables say; a field is missing where a variable is. Branch names and the like are chosen by whoever
 * opens a pull request: what is not printable or longer than a fact may be is left out, never cut into another value.
 */
export const readBuildVariables = (system: BuildSystem, variables: Variables): ReadVariables => {
  const leftOut: string[] = [];
  const take = (name: string, template: string | undefined, read: (text: string) => string | undefined) => {
    const text = fillIn(template, variables);
    const value = text === undefined ? undefined : orUndefined(() => read(text));
    if (text !== undefined && value === undefined) leftOut.push(name);
    return value === undefined ? {} : { [name]: value };
  };
  const parameters = Object.entries(system.parameters).map(([name, template]) => take(name, template, readParameter));
  const facts: StatedFacts = {
    ...take("source", system.source, cleanSource),
    ...take("commitSha", system.commitSha, (text) => readCommit(text.toLowerCase(), "")),
    ...take("buildId", system.buildId, readParameter),
    ...take("builderId", system.builderId, (text) =>
      text.length > MAX_URI ? undefined : readUri(withoutCredentials(text), ""),
    ),
    ...take("startedOn", system.startedOn, readStart),
    parameters: Object.assign({}, ...parameters) as Readonly<Record<string, string>>,
  };
  return { facts: isEmpty(facts) ? facts : { ...facts, buildType: system.buildType }, leftOut };
};

/** True for an environment that says nothing. */
export const isEmpty = ({ parameters, ...facts }: StatedFacts): boolean =>
  Object.keys(facts).length + Object.keys(parameters).length === 0;

export const isRunningOn = ({ marker: [variable, value] }: BuildSystem, variables: Variables): boolean =>
  value === undefined ? (variables[variable] ?? "") !== "" : variables[variable] === value;

const fillIn = (template: string | undefined, variables: Variables): string | undefined => {
  const names = [...(template ?? "").matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  if (template === undefined || names.some((name) => (variables[name] ?? "") === "")) return undefined;
  return template.replace(/\{(\w+)\}/g, (_, name: string) => variables[name] ?? "");
};

// Long enough for every branch that a forge takes; git itself ends at the file system's 255.
const MAX_PARAMETER = 512;
const MAX_URI = 2048;

/** Text that looks the same to whoever reads it: no controls, nothing invisible, nothing that turns reading direction. */
export const readParameter = (text: string): string | undefined =>
  text === "" || text.length > MAX_PARAMETER || /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text)
    ? undefined
    : readName(withoutCredentials(text), "");

/** RFC 3339, or seconds since 1970 of up to the year 9999. */
const readStart = (text: string): string | undefined =>
  /^\d{1,12}$/.test(text) && Number(text) < 253_402_300_800
    ? readMoment(new Date(Number(text) * 1000).toISOString(), "")
    : readMoment(text, "");

const orUndefined = (read: () => string | undefined): string | undefined => {
  try {
    return read();
  } catch (error) {
    if (hasCode(error, "USAGE_INVALID")) return undefined;
    throw error;
  }
};
