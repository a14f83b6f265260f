import type { EntrySink, TarEntry } from "#archive/tarEntry.ts";
import { hasCode } from "#core/errors.ts";
import type { Cataloger, Reducer } from "#sbom/cataloger.ts";

/** What one cataloger kept of one file's content, or why it could not. */
export type Capture = CaptureOwner &
  ({ readonly bytes: Uint8Array } | { readonly failure: string } | { readonly nothing: true });

interface CaptureOwner {
  /** Index of the cataloger. */
  readonly cataloger: number;
}

/**
 * A sink that shows an entry's content to every cataloger that wants it, or undefined where none does; of those that look at
 * nothing but content, finding nothing is not told. A reducer that refuses its file with LIMIT_EXCEEDED or INPUT_INVALID
 * makes a stated gap; any other error goes on.
 */
export const captureEntry = (
  catalogers: readonly Cataloger[],
  entry: TarEntry,
  keep: (captures: readonly Capture[]) => void,
): EntrySink | undefined => {
  const reducers: OwnedReducer[] = [];
  for (const [cataloger, one] of catalogers.entries()) {
    const reducer = one.wants(entry);
    if (reducer !== undefined) reducers.push({ cataloger, reducer, tellsNothing: one.byContent !== true });
  }
  return reducers.length === 0 ? undefined : feedReducers(reducers, keep);
};

/** One cataloger's reducer. */
export interface OwnedReducer extends CaptureOwner {
  readonly reducer: Reducer;
  readonly tellsNothing: boolean;
}

/** The sink behind `captureEntry`, for reducers that are there already. */
export const feedReducers = (
  reducers: readonly OwnedReducer[],
  keep: (captures: readonly Capture[]) => void,
): EntrySink => {
  const failures = new Map<OwnedReducer, string>();
  let hungry = reducers;
  const write = (chunk: Uint8Array): boolean => {
    const before = hungry;
    for (const one of before)
      if (!attempt(one, failures, () => one.reducer.write(chunk))) hungry = hungry.filter((other) => other !== one);
    return hungry.length > 0;
  };
  const finish = (one: OwnedReducer): readonly Capture[] => {
    const { cataloger, tellsNothing } = one;
    const bytes = failures.has(one) ? undefined : attempt(one, failures, () => one.reducer.end());
    const failure = failures.get(one);
    if (failure !== undefined) return [{ cataloger, failure }];
    if (bytes !== undefined) return [{ cataloger, bytes }];
    return tellsNothing ? [{ cataloger, nothing: true }] : [];
  };
  const end = (): void => {
    const captures = reducers.flatMap(finish);
    if (captures.length > 0) keep(captures);
  };
  return { write, end };
};

const attempt = <T>(one: OwnedReducer, failures: Map<OwnedReducer, string>, action: () => T): T | undefined => {
  try {
    return action();
  } catch (error) {
    if (!hasCode(error, "LIMIT_EXCEEDED", "INPUT_INVALID")) throw error;
    failures.set(one, error.message);
    return undefined;
  }
};
