import { WaybillError } from "#core/errors.ts";

/** Small facts as the bytes that a reducer keeps; `readFacts` reads them back. */
export const keepFacts = (facts: object): Uint8Array => Buffer.from(JSON.stringify(facts));

/**
 * What `keepFacts` wrote. INPUT_INVALID for other bytes: those that another cataloger kept of the same path, where this one
 * kept none.
 */
export const readFacts = <T extends object>(bytes: Uint8Array): T => {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    value = undefined;
  }
  if (typeof value !== "object" || value === null) throw new WaybillError("INPUT_INVALID", "evidence of another kind");
  return value as T;
};
