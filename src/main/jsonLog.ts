import type { Log } from "#core/ctx.ts";

/** One JSON object a line: `time` (RFC 3339), `level`, `message` and the fields. */
export const jsonLog =
  (write: (line: string) => unknown, verbose: boolean): Log =>
  (level, message, fields) => {
    if (level === "debug" && !verbose) return;
    write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`);
  };
