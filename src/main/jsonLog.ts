import type { Log, LogLevel } from "#core/ctx.ts";

const SEVERITY: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** One JSON object a line: `time` (RFC 3339), `level`, `message` and the fields; what is less than `from` is left out. */
export const jsonLog =
  (write: (line: string) => unknown, from: LogLevel): Log =>
  (level, message, fields) => {
    if (SEVERITY[level] < SEVERITY[from]) return;
    write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`);
  };
