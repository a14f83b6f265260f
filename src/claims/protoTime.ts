/** A moment as RFC 3339 says it, to the nanosecond. */
export interface ProtoTime {
  /** To the millisecond, what is finer cut off. */
  readonly date: Date;
  /** Nanoseconds within the second. */
  readonly nanos: number;
}

const TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/;

/**
 * `google.protobuf.Timestamp` in protojson: RFC 3339 with at most nine digits of a second, as Go's `time.RFC3339` takes it
 * (no leap second, no day that the month does not have). Undefined for anything else.
 */
export const readProtoTime = (text: string): ProtoTime | undefined => {
  const parts = TIME.exec(text);
  if (parts === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1, 7).map(Number);
  const [fraction = "", sign, offsetHours = "00", offsetMinutes = "00"] = parts.slice(7);
  const nanos = Number(fraction.padEnd(9, "0"));
  const local = new Date(0);
  // Date.UTC takes the years 0 to 99 for those of the twentieth century.
  local.setUTCFullYear(year, month - 1, day);
  const known = local.getUTCMonth() === month - 1 && local.getUTCDate() === day && year > 0;
  if (!known || hour > 23 || minute > 59 || second > 59) return undefined;
  if (Number(offsetHours) > 23 || Number(offsetMinutes) > 59) return undefined;
  local.setUTCHours(hour, minute, second, Math.floor(nanos / 1e6));
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000 * (sign === "-" ? -1 : 1);
  return { date: new Date(local.getTime() - offset), nanos };
};

/** In UTC, with none, three, six or nine digits of a second: as Go's protojson writes it. */
export const writeProtoTime = ({ date, nanos }: ProtoTime): string => {
  const digits = String(nanos).padStart(9, "0");
  const fraction = ["000000000", "000000", "000"].find((zeros) => digits.endsWith(zeros))?.length ?? 0;
  const seconds = date.toISOString().slice(0, 19);
  return fraction === 9 ? `${seconds}Z` : `${seconds}.${digits.slice(0, 9 - fraction)}Z`;
};
