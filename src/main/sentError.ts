import { WaybillError, asWaybillError } from "#core/errors.ts";
import type { SentError } from "#main/worker/issueMessage.ts";

/** An error as another thread may read it. */
export const sendError = (thrown: unknown): SentError => {
  const { code, message, hint, cause } = asWaybillError(thrown);
  const told = cause instanceof WaybillError ? { code: cause.code, message: cause.message } : undefined;
  return { code, message, hint, cause: told };
};

/** The error that another thread sent. */
export const receiveError = ({ code, message, hint, cause }: SentError): WaybillError =>
  new WaybillError(code, message, { hint, ...(cause && { cause: new WaybillError(cause.code, cause.message) }) });
