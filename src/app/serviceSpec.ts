import { readProtoTime } from "#claims/protoTime.ts";
import type { ProtoTime } from "#claims/protoTime.ts";
import { WaybillError } from "#core/errors.ts";
import { nearest } from "#core/nearest.ts";

/** What a service's specification may say, and which flag it came from. */
export interface SpecShape<R extends string, O extends string> {
  readonly flag: string;
  readonly required: readonly R[];
  readonly optional: readonly O[];
}

export type ServiceSpec<R extends string, O extends string> = Readonly<Record<R, string>> &
  Readonly<Partial<Record<O, string>>>;

/**
 * Reads `url=https://...,start-time=...` (cosign.md 5.8). USAGE_INVALID for what is missing, unknown, empty or said twice:
 * a document of trust is made of it.
 */
export const readServiceSpec = <R extends string, O extends string>(
  text: string,
  { flag, required, optional }: SpecShape<R, O>,
): ServiceSpec<R, O> => {
  const known: readonly string[] = [...required, ...optional];
  const values = new Map<string, string>();
  for (const pair of text.split(",")) {
    const [, name = "", value = ""] = /^\s*([^=]*?)\s*=\s*(.*?)\s*$/s.exec(pair) ?? [];
    if (!known.includes(name)) throw unknownName(flag, name === "" ? pair : name, known);
    if (value === "") throw invalidSpec(flag, `${name} has no value`);
    if (values.has(name)) throw invalidSpec(flag, `${name} stands there twice`);
    values.set(name, value);
  }
  for (const name of required) if (!values.has(name)) throw invalidSpec(flag, `${name} is missing`);
  return Object.fromEntries(values) as ServiceSpec<R, O>;
};

const unknownName = (flag: string, name: string, known: readonly string[]): WaybillError => {
  const meant = nearest(name, known);
  const hint = meant === undefined ? `Known are ${known.join(", ")}, with commas between.` : `Did you mean ${meant}?`;
  return invalidSpec(flag, `${JSON.stringify(name.slice(0, 80))} is no NAME=VALUE that is known`, hint);
};

export const invalidSpec = (flag: string, reason: string, hint?: string): WaybillError =>
  new WaybillError("USAGE_INVALID", `${flag}: ${reason}`, hint === undefined ? {} : { hint });

/** The window that `start-time` and `end-time` say. */
export const readSpecWindow = (
  spec: Readonly<Partial<Record<"start-time" | "end-time", string>>>,
  flag: string,
): { readonly start: ProtoTime | undefined; readonly end: ProtoTime | undefined } => {
  const start = readSpecTime(spec["start-time"], flag, "start-time");
  const end = readSpecTime(spec["end-time"], flag, "end-time");
  if (start !== undefined && end !== undefined) demandOrder(start, end, flag);
  return { start, end };
};

/** USAGE_INVALID for a window in which no moment lies. */
const demandOrder = (start: ProtoTime, end: ProtoTime, flag: string): void => {
  if (end.date < start.date)
    throw invalidSpec(flag, `it ends ${end.date.toISOString()} and starts ${start.date.toISOString()}`);
};

const readSpecTime = (text: string | undefined, flag: string, name: string): ProtoTime | undefined => {
  if (text === undefined) return undefined;
  const time = readProtoTime(text);
  if (time !== undefined) return time;
  throw invalidSpec(
    flag,
    `${name}: ${JSON.stringify(text.slice(0, 80))} is no RFC 3339 time`,
    "Write it as 2026-01-31T00:00:00Z.",
  );
};
