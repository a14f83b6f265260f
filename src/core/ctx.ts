import type { Clock } from "#core/clock.ts";

/** Severity of a log line. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** Structured log: a short message and flat fields; never a secret in either. */
export type Log = (
  level: LogLevel,
  message: string,
  fields?: Readonly<Record<string, string | number | boolean>>,
) => void;

/** Progress as data; synchronous, cannot fail, dropped where nobody listens. */
export type ProgressEvent =
  | { readonly kind: "step.started"; readonly step: string; readonly subject: string }
  | { readonly kind: "step.finished"; readonly step: string; readonly subject: string; readonly note?: string }
  | { readonly kind: "bytes"; readonly label: string; readonly done: number; readonly total: number }
  | {
      readonly kind: "retry";
      readonly what: string;
      readonly attempt: number;
      readonly delayMs: number;
      readonly reason: string;
    }
  | { readonly kind: "warning"; readonly message: string };

/** First argument of every async port and use case: cancellation, log, progress, time. */
export interface Ctx {
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly emit: (event: ProgressEvent) => void;
  readonly clock: Clock;
}
