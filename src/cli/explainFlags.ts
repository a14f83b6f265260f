import type { FlagTable } from "#cli/flag.ts";
import { hideCredentials } from "#cli/hideCredentials.ts";
import { flagName, readFlag, sourceOf } from "#cli/readFlags.ts";
import type { FlagSource, FlagSources } from "#cli/readFlags.ts";

/** A flag's value and where it came from, fit to be shown. */
interface ExplainedFlag {
  readonly flag: string;
  /** As written; null where there is none. */
  readonly value: string | null;
  readonly source: FlagSource["kind"];
  /** The flag, the variable, or file, line and name; null for a default. */
  readonly where: string | null;
}

/** A command with all its flags. */
export interface ExplainedCommand {
  readonly command: string;
  /** The settings file that was read. */
  readonly file: string | null;
  readonly flags: readonly ExplainedFlag[];
}

/** All flags with their sources; throws where reading what is set would, so that what is explained also works. */
export const explainFlags = (flags: FlagTable, sources: FlagSources): readonly ExplainedFlag[] =>
  Object.entries(flags).flatMap(([property, one]): readonly ExplainedFlag[] => {
    const source = sourceOf(property, sources);
    const flag = flagName(property);
    if (source.kind !== "default") {
      readFlag(one, source);
      const value = one.secret === true ? "(set)" : format(source.raw);
      return [{ flag, value, source: source.kind, where: source.where }];
    }
    if (one.ignored === true || one.refused === true) return [];
    return [{ flag, value: one.shownDefault ?? format(readFlag(one, source)), source: source.kind, where: null }];
  });

const format = (value: unknown): string | null => {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return null;
  return hideCredentials(
    Array.isArray(value) ? value.join(", ") : typeof value === "string" ? value : JSON.stringify(value),
  );
};
