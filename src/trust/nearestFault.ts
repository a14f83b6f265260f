import type { Fault } from "#trust/fault.ts";
import { NEARNESS } from "#trust/refusalCode.ts";

/** The one that came nearest, of several the first; undefined where there are none. */
export const nearestFault = (faults: readonly Fault[]): Fault | undefined => {
  const [first, ...others] = faults;
  return others.reduce(
    (nearest, one) => (nearest === undefined || NEARNESS[one.code] > NEARNESS[nearest.code] ? one : nearest),
    first,
  );
};
