import { WaybillError } from "#core/errors.ts";
import type { CapturedFile } from "#sbom/cataloger.ts";

/**
 * The first layer in which each fact appears, over all versions of one evidence file. Databases are rewritten whole by
 * each layer that touches them, so a fact's layer is not the layer that holds the file (syft#435). A version that cannot
 * be read has no facts. Empty where there is but one version: then everything is as old as the file.
 */
export const firstLayer = (
  history: readonly CapturedFile[],
  factsOf: (bytes: Uint8Array) => Iterable<string>,
): ReadonlyMap<string, number> => {
  const first = new Map<string, number>();
  if (history.length < 2) return first;
  let previous: Uint8Array | undefined;
  for (const { bytes, layer } of history) {
    if (previous === undefined || Buffer.compare(previous, bytes) !== 0) {
      for (const fact of readable(bytes, factsOf)) if (!first.has(fact)) first.set(fact, layer);
    }
    previous = bytes;
  }
  return first;
};

const readable = (bytes: Uint8Array, factsOf: (bytes: Uint8Array) => Iterable<string>): Iterable<string> => {
  try {
    return factsOf(bytes);
  } catch (thrown) {
    if (thrown instanceof WaybillError) return [];
    throw thrown;
  }
};
