import { WaybillError } from "#core/errors.ts";

const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;
// setTimeout counts in 31 bits; more would fire at once.
const MAX_MS = 2 ** 31 - 1;

/** Milliseconds of a Go duration such as `3m`, `1h30m`, `500ms` or `0` (https://pkg.go.dev/time#ParseDuration); never negative. */
export const parseDuration = (text: string, where: string): number => {
  if (text === "0") return 0;
  let total = 0;
  let at = 0;
  while (at < text.length) {
    PART.lastIndex = at;
    const [part, amount, unit] = PART.exec(text) ?? [];
    if (part === undefined || amount === undefined || unit === undefined) break;
    total += Number(amount) * (UNITS[unit] ?? 0);
    at += part.length;
  }
  if (text === "" || at !== text.length || total > MAX_MS) {
    throw new WaybillError("USAGE_INVALID", `${where}: ${JSON.stringify(text.slice(0, 80))} is not a duration`, {
      hint: "Write a number with a unit, such as 90s, 3m or 1h30m, up to 596h; 0 means no limit.",
    });
  }
  return total;
};
