import type { Flag, FlagTable, FlagValues, RawFlag } from "#cli/flag.ts";
import { ERRORS } from "#core/errorTable.ts";
import { WaybillError, hasCode } from "#core/errors.ts";

/** `checkClaims` -> `check-claims`. */
export const flagName = (property: string): string =>
  // cosign's one flag in camel case.
  property === "digestAlg" ? property : property.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

// Variables with a meaning of their own, which is not that of a flag of the same name.
const RESERVED: ReadonlySet<string> = new Set([
  "WAYBILL_FROM",
  "WAYBILL_NODE",
  "WAYBILL_ISSUE",
  "WAYBILL_PASSWORD",
  "COSIGN_PASSWORD",
  // Only our own variable names our own settings file.
  "COSIGN_CONFIG",
]);

export type Environment = Readonly<Record<string, string | undefined>>;

/** Settings of a file by property; `where` is the file with the line and the name of the setting. */
export type FileValues = Readonly<Record<string, { readonly raw: RawFlag; readonly where: string }>>;

/** All that can give a flag its value. */
export interface FlagSources {
  readonly written: Readonly<Record<string, RawFlag | undefined>>;
  readonly env: Environment;
  readonly file: FileValues;
}

/** Where a flag's value came from, and how it was written there. */
export type FlagSource =
  | { readonly kind: "flag" | "variable" | "file"; readonly raw: RawFlag; readonly where: string }
  | { readonly kind: "default" };

/**
 * Values of all flags: as written on the command line, else from `WAYBILL_<FLAG>`, else from `COSIGN_<FLAG>`, else from the
 * settings file, else the default. An empty variable counts as absent, as in cosign. Throws USAGE_INVALID, or CONFIG_INVALID
 * for what a file says.
 */
export const readFlags = <F extends FlagTable>(flags: F, sources: FlagSources): FlagValues<F> =>
  Object.fromEntries(
    Object.entries(flags).map(([property, one]) => [property, readFlag(one, sourceOf(property, sources))]),
  ) as FlagValues<F>;

export const sourceOf = (property: string, { written, env, file }: FlagSources): FlagSource => {
  const name = flagName(property);
  const raw = written[property];
  if (raw !== undefined) return { kind: "flag", raw, where: `--${name}` };
  const variable = variablesOf(name).find((one) => (env[one] ?? "") !== "");
  if (variable !== undefined) return { kind: "variable", raw: env[variable] ?? "", where: variable };
  return Object.hasOwn(file, property) && file[property] !== undefined
    ? { kind: "file", ...file[property] }
    : { kind: "default" };
};

/** Variables that stand for a flag, the one that wins first. */
export const variablesOf = (name: string): readonly string[] => {
  const suffix = name.replaceAll("-", "_").toUpperCase();
  return [`WAYBILL_${suffix}`, `COSIGN_${suffix}`].filter((one) => !RESERVED.has(one));
};

/** The value that a source gives; errors as `readFlags`. */
export const readFlag = <T>(one: Flag<T>, source: FlagSource): T => {
  if (source.kind === "default") return one.read(undefined, "");
  try {
    return one.read(source.raw, source.where);
  } catch (error) {
    if (source.kind !== "file" || !hasCode(error, "USAGE_INVALID")) throw error;
    const hint = error.hint === ERRORS.USAGE_INVALID.hint ? ERRORS.CONFIG_INVALID.hint : error.hint;
    throw new WaybillError("CONFIG_INVALID", error.message, { hint, cause: error });
  }
};
