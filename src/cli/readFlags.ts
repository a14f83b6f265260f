import type { Flag, FlagTable, FlagValues, RawFlag } from "#cli/flag.ts";

/** `checkClaims` -> `check-claims`. */
export const flagName = (property: string): string =>
  property.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

// Variables with a meaning of their own, which is not that of a flag of the same name.
const RESERVED: ReadonlySet<string> = new Set([
  "WAYBILL_FROM",
  "WAYBILL_NODE",
  "WAYBILL_ISSUE",
  "WAYBILL_PASSWORD",
  "COSIGN_PASSWORD",
]);

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Values of all flags: as written on the command line, else from `WAYBILL_<FLAG>`, else from `COSIGN_<FLAG>`, else the
 * default. An empty variable counts as absent, as in cosign.
 */
export const readFlags = <F extends FlagTable>(
  flags: F,
  written: Readonly<Record<string, RawFlag | undefined>>,
  env: Environment,
): FlagValues<F> =>
  Object.fromEntries(
    Object.entries(flags).map(([property, one]) => [property, readFlag(property, one, written[property], env)]),
  ) as FlagValues<F>;

const readFlag = (property: string, one: Flag<unknown>, written: RawFlag | undefined, env: Environment): unknown => {
  if (written !== undefined) return one.read(written, `--${flagName(property)}`);
  const suffix = flagName(property).replaceAll("-", "_").toUpperCase();
  const variable = [`WAYBILL_${suffix}`, `COSIGN_${suffix}`].find(
    (name) => !RESERVED.has(name) && (env[name] ?? "") !== "",
  );
  return variable === undefined ? one.read(undefined, "") : one.read(env[variable], variable);
};
