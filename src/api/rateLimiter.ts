import type { Clock } from "#core/clock.ts";

/** What is left of an allowance. */
export interface Allowance {
  readonly ok: boolean;
  readonly policy: string;
  readonly quota: number;
  readonly remaining: number;
  /** Seconds until one more request may come, 0 where one may at once. */
  readonly wait: number;
  /** Seconds until all of it is there again. */
  readonly reset: number;
}

export interface RateLimiter {
  /** Takes one request off the allowance of whoever asks. */
  readonly take: (who: string) => Allowance;
  /** Gives one request back that has turned out to be somebody else's. */
  readonly giveBack: (who: string) => void;
}

interface Bucket {
  readonly level: number;
  readonly at: number;
}

const WINDOW_S = 60;
// Some 100 bytes each. Beyond that, whoever asked longest ago is forgotten, whose bucket is the fullest.
const MAX_BUCKETS = 20_000;

/** Token buckets in memory: `quota` requests a minute for each. */
export const createRateLimiter = (clock: Clock, policy: string, quota: number): RateLimiter => {
  const buckets = new Map<string, Bucket>();
  const perSecond = quota / WINDOW_S;
  const levelOf = (who: string, now: number): number => {
    const before = buckets.get(who) ?? { level: quota, at: now };
    return Math.min(quota, before.level + (Math.max(0, now - before.at) / 1000) * perSecond);
  };
  const fill = (who: string, level: number, now: number): void => {
    // Put last again: the map's order is then that of the last requests.
    buckets.delete(who);
    buckets.set(who, { level, at: now });
    if (buckets.size > MAX_BUCKETS) buckets.delete(buckets.keys().next().value ?? who);
  };
  return {
    giveBack: (who) => {
      const now = clock.now();
      fill(who, Math.min(quota, levelOf(who, now) + 1), now);
    },
    take: (who) => {
      const now = clock.now();
      const level = levelOf(who, now);
      const ok = level >= 1;
      const left = ok ? level - 1 : level;
      fill(who, left, now);
      return {
        ok,
        policy,
        quota,
        remaining: Math.floor(left),
        wait: left >= 1 ? 0 : Math.ceil((1 - left) / perSecond),
        reset: Math.ceil((quota - left) / perSecond),
      };
    },
  };
};

/** draft-ietf-httpapi-ratelimit-headers-10. */
export const rateHeaders = ({ policy, quota, remaining, reset }: Allowance): Readonly<Record<string, string>> => ({
  "RateLimit-Policy": `"${policy}";q=${quota};w=${WINDOW_S}`,
  RateLimit: `"${policy}";r=${remaining};t=${reset}`,
});

/** Whom an address stands for: of IPv6 the /64, which one subscriber has to himself. */
export const addressGroup = (address: string): string => {
  if (!address.includes(":") || address.includes(".")) return address.replace(/^::ffff:/i, "");
  const [head = "", tail] = address.split("%", 1)[0]?.split("::", 2) ?? [];
  const front = head.split(":").filter((one) => one !== "");
  const back = (tail ?? "").split(":").filter((one) => one !== "");
  const middle =
    tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => "0");
  return `${[...front, ...middle, ...back].slice(0, 4).join(":")}::/64`;
};
