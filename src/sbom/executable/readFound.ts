import { WaybillError } from "#core/errors.ts";
import type { FoundInPrograms } from "#sbom/executable/programReducer.ts";

/**
 * Reads what `programReducer` kept. INPUT_INVALID when these bytes are not its own: another cataloger may have captured
 * the same path in its own form.
 */
export const readFound = <Found>(
  bytes: Uint8Array,
  isFound: (value: unknown) => value is Found,
): FoundInPrograms<Found> => {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  } catch (cause) {
    throw new WaybillError("INPUT_INVALID", "nothing that was found in a program", { cause });
  }
  const { found, failures } = (value ?? {}) as Partial<FoundInPrograms<unknown>>;
  if (!Array.isArray(found) || !Array.isArray(failures) || !found.every(isFound))
    throw new WaybillError("INPUT_INVALID", "nothing that was found in a program");
  return { found, failures };
};
