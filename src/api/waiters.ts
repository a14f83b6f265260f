import { WaybillError } from "#core/errors.ts";

/** Counts those who wait for an answer. */
export interface Waiters {
  /** Does the work; RATE_EXCEEDED where too many wait already, of this token or of all. */
  readonly hold: <T>(quota: string, seconds: number, work: () => Promise<T>) => Promise<T>;
}

// Each looks into the store twice a second.
const MAX_WAITERS = 200;
const MAX_OF_ONE = 50;

/** `told` hears how many wait whenever that changes. */
export const createWaiters = (told: (waiting: number) => void): Waiters => {
  const waiting = new Map<string, number>();
  let all = 0;
  const add = (quota: string, by: 1 | -1): void => {
    const left = (waiting.get(quota) ?? 0) + by;
    if (left === 0) waiting.delete(quota);
    else waiting.set(quota, left);
    told((all += by));
  };
  return {
    hold: async (quota, seconds, work) => {
      if (seconds === 0) return work();
      if (all >= MAX_WAITERS || (waiting.get(quota) ?? 0) >= MAX_OF_ONE)
        throw new WaybillError("RATE_EXCEEDED", "too many requests wait already", { details: { seconds: 5 } });
      add(quota, 1);
      try {
        return await work();
      } finally {
        add(quota, -1);
      }
    },
  };
};
