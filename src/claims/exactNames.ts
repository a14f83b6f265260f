import { WaybillError } from "#core/errors.ts";
import type { JsonObject } from "#core/strictJson.ts";

/**
 * Go's decoder takes `Subject` for `subject`, so a document that holds such a twin says different things to different
 * readers (cosign.md 11.8). Throws INPUT_INVALID for a name that equals one of `names` but for its case.
 */
export const demandExactNames = (object: JsonObject, names: readonly string[], where: string): void => {
  for (const name of Object.keys(object)) {
    if (names.includes(name)) continue;
    const twin = names.find((one) => fold(one) === fold(name));
    if (twin !== undefined) {
      throw new WaybillError("INPUT_INVALID", `${where} holds ${JSON.stringify(name)}, which some read as ${twin}`);
    }
  }
};

// Up and then down: Go also folds the long s (U+017F) into s and the Kelvin sign (U+212A) into k.
const fold = (name: string): string => name.toUpperCase().toLowerCase();
