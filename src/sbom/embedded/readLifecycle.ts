import { WaybillError } from "#core/errors.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { JsonObject } from "#core/strictJson.ts";

const LABEL = "io.buildpacks.lifecycle.metadata";

/** What the buildpacks lifecycle wrote into its label, a claim of the build; undefined where there is none that can be read. */
export const readLifecycle = (labels: Readonly<Record<string, string>>): JsonObject | undefined => {
  if (!Object.hasOwn(labels, LABEL)) return undefined;
  try {
    const metadata = parseStrict(Buffer.from(labels[LABEL] ?? ""), LABEL);
    return isJsonObject(metadata) ? metadata : undefined;
  } catch (thrown) {
    if (thrown instanceof WaybillError) return undefined;
    throw thrown;
  }
};
