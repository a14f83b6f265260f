import { WaybillError } from "#core/errors.ts";

/** A parameter that is a whole number from 0 on. INPUT_INVALID. */
export const readCount = (query: URLSearchParams, name: string): bigint => {
  const text = query.get(name) ?? "";
  if (/^(?:0|[1-9][0-9]{0,15})$/.test(text)) return BigInt(text);
  throw new WaybillError("INPUT_INVALID", `${name} is no whole number`);
};
