import { parseDuration } from "#cli/duration.ts";
import { WaybillError } from "#core/errors.ts";

/** What was written for a flag: a switch alone is `true`; the environment always gives text. */
export type RawFlag = boolean | string | readonly string[];

/** One flag of a command: how it is written, what it means and what its text becomes. */
export interface Flag<T> {
  readonly kind: "toggle" | "text" | "list";
  readonly summary: string;
  /** One letter. */
  readonly short?: string;
  /** Word for the value in the help, such as FILE. */
  readonly value?: string;
  readonly group?: string;
  /** Values that a shell offers; there may be others. */
  readonly suggests?: readonly string[];
  readonly hidden?: boolean;
  /** Its value is never shown, and no settings file may hold it. */
  readonly secret?: boolean;
  /** Accepted for cosign's sake, without effect; using it gives a warning. */
  readonly ignored?: boolean;
  /** A flag of cosign's that this program does not have: using it ends in USAGE_INVALID. */
  readonly refused?: boolean;
  readonly shownDefault?: string;
  /** `where` names the flag, or the variable that gave the value, in errors. */
  readonly read: (raw: RawFlag | undefined, where: string) => T;
}

/** Flags by property name: `checkClaims` is written `--check-claims`. */
export type FlagTable = Readonly<Record<string, Flag<unknown>>>;

export type FlagValues<F extends FlagTable> = {
  readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never;
};

interface Shape {
  readonly summary: string;
  readonly short?: string;
  readonly group?: string;
  readonly suggests?: readonly string[];
  readonly hidden?: boolean;
  readonly secret?: boolean;
}
interface ValueShape<D> extends Shape {
  readonly value: string;
  readonly default?: D;
}

/** On or off, as Go writes it: `--x`, `--x=true`, `--x=false`. Without a default, undefined says that it was not given. */
const toggle = <D extends boolean | undefined = undefined>(
  shape: Shape & { readonly default?: D },
): Flag<boolean | D> => ({
  ...face(shape),
  kind: "toggle",
  ...(shape.default === true ? { shownDefault: "true" } : {}),
  read: (raw, where) => (raw === undefined ? (shape.default as D) : readBoolean(raw, where)),
});

const text = <D extends string | undefined = undefined>(shape: ValueShape<D>): Flag<string | D> => ({
  ...valued(shape, shape.default),
  read: (raw) => (raw === undefined ? (shape.default as D) : String(raw)),
});

/** May repeat; with `separator` one value may also hold several. */
const list = (shape: Shape & { readonly value: string; readonly separator?: "," }): Flag<readonly string[]> => ({
  ...face(shape),
  kind: "list",
  value: shape.value,
  read: (raw) => {
    const values = raw === undefined ? [] : Array.isArray(raw) ? (raw as readonly string[]) : [String(raw)];
    return shape.separator === undefined ? values : values.flatMap((value) => value.split(","));
  },
});

interface ChoiceMaker {
  <const W extends string>(words: readonly W[], shape: Shape & { readonly default: NoInfer<W> }): Flag<W>;
  <const W extends string>(words: readonly W[], shape: Shape): Flag<W | undefined>;
}

/** One of a few words. */
const choice: ChoiceMaker = <W extends string>(words: readonly W[], shape: Shape & { readonly default?: W }) => ({
  ...valued({ ...shape, value: words.join("|"), suggests: words }, shape.default),
  read: (raw: RawFlag | undefined, where: string): W => {
    // Without a default the second signature says that this can be undefined.
    if (raw === undefined) return shape.default as W;
    const found = words.find((word) => word === raw);
    if (found === undefined) throw invalid(where, raw, `one of ${words.join(", ")}`);
    return found;
  },
});

/** A Go duration; the value is in milliseconds. */
const duration = <D extends string | undefined = undefined>(
  shape: ValueShape<D>,
): Flag<D extends string ? number : number | undefined> => ({
  ...valued(shape, shape.default),
  read: (raw, where) => {
    const written = raw ?? shape.default;
    return (written === undefined ? undefined : parseDuration(String(written), where)) as D extends string
      ? number
      : number | undefined;
  },
});

/** A whole number within bounds. */
const count = <D extends number | undefined = undefined>(
  shape: ValueShape<D> & { readonly min: number; readonly max: number },
): Flag<number | D> => ({
  ...valued(shape, shape.default === undefined ? undefined : String(shape.default)),
  read: (raw, where) => {
    if (raw === undefined) return shape.default as D;
    const number = /^\d{1,15}$/.test(String(raw)) ? Number(raw) : Number.NaN;
    if (!(number >= shape.min && number <= shape.max)) {
      throw invalid(where, raw, `a whole number from ${shape.min} to ${shape.max}`);
    }
    return number;
  },
});

/** A flag of cosign's whose absence cannot make us accept more: taken, without effect, with a warning. */
const ignored = (shape: {
  readonly summary: string;
  readonly value?: string;
  readonly short?: string;
}): Flag<undefined> => ({
  ...face(shape),
  kind: shape.value === undefined ? "toggle" : "list",
  ...(shape.value === undefined ? {} : { value: shape.value }),
  hidden: true,
  ignored: true,
  read: () => undefined,
});

/**
 * A flag of cosign's whose absence could make us accept more, or do less, than was asked for: USAGE_INVALID says why. A switch
 * that is switched off asks for nothing.
 */
const refused = (shape: {
  readonly summary: string;
  readonly value?: string;
  readonly hint: string;
}): Flag<undefined> => ({
  ...face(shape),
  kind: shape.value === undefined ? "toggle" : "list",
  ...(shape.value === undefined ? {} : { value: shape.value }),
  hidden: true,
  refused: true,
  read: (raw, where) => {
    if (raw === undefined || (shape.value === undefined && !readBoolean(raw, where))) return undefined;
    throw new WaybillError("USAGE_INVALID", `${where}: ${shape.summary}`, { hint: shape.hint });
  },
});

/** The same flags under a heading of their own in the help. */
const grouped = <const F extends FlagTable>(group: string, flags: F): F =>
  Object.fromEntries(Object.entries(flags).map(([name, one]) => [name, { ...one, group }])) as unknown as F;

/** Makers of flags; each says in its type what the command will get. */
export const flag = { toggle, text, list, choice, duration, count, ignored, refused, grouped };

const face = (shape: Shape): Shape => ({
  summary: shape.summary,
  ...(shape.short === undefined ? {} : { short: shape.short }),
  ...(shape.group === undefined ? {} : { group: shape.group }),
  ...(shape.suggests === undefined ? {} : { suggests: shape.suggests }),
  ...(shape.hidden === undefined ? {} : { hidden: shape.hidden }),
  ...(shape.secret === undefined ? {} : { secret: shape.secret }),
});

const valued = (shape: Shape & { readonly value: string }, shownDefault: string | undefined) => ({
  ...face(shape),
  kind: "text" as const,
  value: shape.value,
  ...(shownDefault === undefined ? {} : { shownDefault }),
});

// What Go's strconv.ParseBool takes.
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...["1", "t", "T", "true", "TRUE", "True"].map((word) => [word, true] as const),
  ...["0", "f", "F", "false", "FALSE", "False"].map((word) => [word, false] as const),
]);

const readBoolean = (raw: RawFlag, where: string): boolean => {
  const value = typeof raw === "boolean" ? raw : BOOLEANS.get(String(raw));
  if (value === undefined) throw invalid(where, raw, "true or false");
  return value;
};

const invalid = (where: string, raw: RawFlag, wanted: string): WaybillError =>
  new WaybillError("USAGE_INVALID", `${where}: ${JSON.stringify(String(raw).slice(0, 80))} is not ${wanted}`);
