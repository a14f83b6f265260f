import { WaybillError } from "#core/errors.ts";

/** The same error with the reference it is about in front, unless its message names it already. */
export const errorAbout = (reference: string, error: WaybillError): WaybillError => {
  if (error.message.includes(reference)) return error;
  const { code, hint, cause, details } = error;
  return new WaybillError(code, `${reference}: ${error.message}`, { hint, cause, details });
};
