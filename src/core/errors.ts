import { ERRORS } from "#core/errorTable.ts";

export type ErrorCode = keyof typeof ERRORS;

/** What besides the message an error carries; `details` must never hold a secret. */
export interface ErrorFacts {
  readonly hint?: string;
  readonly cause?: unknown;
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}

/** The only class of error that Waybill throws on purpose. A "no" of a verification is a value, never one of these. */
export class WaybillError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly details: Readonly<Record<string, string | number | boolean>>;

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = "WaybillError";
    this.code = code;
    this.hint = facts.hint ?? ERRORS[code].hint;
    this.details = facts.details ?? {};
  }

  get exitCode(): number {
    return ERRORS[this.code].exit;
  }
}

/** Any thrown value as a WaybillError: aborts become ABORTED, everything unknown INTERNAL. */
export const asWaybillError = (thrown: unknown): WaybillError => {
  if (thrown instanceof WaybillError) return thrown;
  if (thrown instanceof Error && thrown.name === "AbortError")
    return new WaybillError("ABORTED", "interrupted", { cause: thrown });
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return new WaybillError("INTERNAL", text, { cause: thrown });
};

/** True for an error of one of these codes. */
export const hasCode = (thrown: unknown, ...codes: readonly ErrorCode[]): thrown is WaybillError =>
  thrown instanceof WaybillError && codes.includes(thrown.code);
