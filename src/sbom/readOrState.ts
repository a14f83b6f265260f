import { WaybillError } from "#core/errors.ts";
import type { CapturedFile } from "#sbom/cataloger.ts";
import type { Unknown } from "#sbom/package.ts";

/** Reads one evidence file; what is refused with a code becomes a stated unknown, and the rest of the image goes on. */
export const readOrState = <T>(
  file: CapturedFile,
  unknowns: Unknown[],
  read: (bytes: Uint8Array) => T,
): T | undefined => {
  try {
    return read(file.bytes);
  } catch (thrown) {
    if (!(thrown instanceof WaybillError)) throw thrown;
    unknowns.push({ path: file.path, layer: file.layer, reason: thrown.message });
    return undefined;
  }
};
