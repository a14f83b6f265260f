import type { Clock } from "#core/clock.ts";
import { addressGroup, createRateLimiter } from "#api/rateLimiter.ts";
import type { Allowance } from "#api/rateLimiter.ts";

/** What an address may ask without a token that is good. */
export interface AddressGate {
  /** Takes one request of the address. */
  readonly take: (address: string) => Allowance;
  /**
   * Looks at a token only where the address may still bring a bad one: takes one request first, and gives it back where the
   * token is good. `good` is undefined for a bad token, or one that was not looked at.
   */
  readonly look: <T>(
    address: string,
    look: () => Promise<T | undefined>,
  ) => Promise<{ readonly good: T | undefined; readonly allowance: Allowance }>;
}

interface Reservation {
  readonly allowance: Allowance;
  readonly end: () => void;
}

const PER_ADDRESS = 30;

export const createAddressGate = (clock: Clock): AddressGate => {
  const limiter = createRateLimiter(clock, "address", PER_ADDRESS);
  const underWay = new Map<string, Set<Promise<void>>>();
  /** Many good tokens may come at once, as after a restart: who finds nothing left waits for what may be given back. */
  const reserve = async (group: string): Promise<Reservation> => {
    for (;;) {
      const allowance = limiter.take(group);
      const others = underWay.get(group) ?? new Set();
      if (allowance.ok) return { allowance, end: enter(underWay, group, others) };
      if (others.size === 0) return { allowance, end: () => undefined };
      // One look after another.
      // oxlint-disable-next-line no-await-in-loop
      await Promise.all(others);
    }
  };
  return {
    take: (address) => limiter.take(addressGroup(address)),
    look: async (address, look) => {
      const group = addressGroup(address);
      const { allowance, end } = await reserve(group);
      if (!allowance.ok) return { good: undefined, allowance };
      try {
        const good = await look();
        if (good !== undefined) limiter.giveBack(group);
        return { good, allowance };
      } finally {
        end();
      }
    },
  };
};

/** Joins those whose looks are under way; the result leaves them again. */
const enter = (
  underWay: Map<string, Set<Promise<void>>>,
  group: string,
  others: Set<Promise<void>>,
): Reservation["end"] => {
  const { promise, resolve } = Promise.withResolvers<void>();
  underWay.set(group, others.add(promise));
  return () => {
    others.delete(promise);
    if (others.size === 0) underWay.delete(group);
    resolve();
  };
};
