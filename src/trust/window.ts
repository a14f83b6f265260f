import { readProtoTime } from "#claims/protoTime.ts";
import { isJsonObject } from "#core/strictJson.ts";
import type { Json } from "#core/strictJson.ts";
import { trustFlaw } from "#trust/trustFlaw.ts";
import type { Window } from "#trust/trustRoot.ts";

/** Both ends count (sigstore_common.proto, TimeRange). */
export const isWithin = ({ start, end }: Window, at: Date): boolean =>
  (start === undefined || start <= at) && (end === undefined || at <= end);

/** True where some moment lies in both. */
export const overlaps = (one: Window, other: Window): boolean => startsBy(one, other.end) && startsBy(other, one.end);

const startsBy = ({ start }: Window, end: Date | undefined): boolean =>
  start === undefined || end === undefined || start <= end;

/**
 * `validFor` of a log or an authority. A missing start is refused instead of standing for "always" (conformance case
 * trust-root-tlog-missing-validity-start). TRUST_INVALID.
 */
export const readWindow = (value: Json | undefined, what: string): Window => {
  const range = isJsonObject(value) ? value : {};
  const start = readMoment(range["start"], `${what}.start`);
  const end = readMoment(range["end"], `${what}.end`);
  if (start === undefined) throw trustFlaw("missing-start", `${what} has no start`);
  if (end !== undefined && end < start) {
    throw trustFlaw("reversed-window", `${what} ends ${end.toISOString()} and starts ${start.toISOString()}`);
  }
  return { start, end };
};

const readMoment = (value: Json | undefined, what: string): Date | undefined => {
  if (value === undefined) return undefined;
  const time = typeof value === "string" ? readProtoTime(value) : undefined;
  if (time === undefined) throw trustFlaw("unreadable", `${what} is no RFC 3339 time`);
  return time.date;
};
