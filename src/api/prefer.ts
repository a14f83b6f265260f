/** Seconds that anybody may wait for an answer; proxies close what is silent for longer. */
export const MAX_WAIT_S = 60;

/**
 * The `wait` of a Prefer header in seconds, at most `MAX_WAIT_S`; 0 without one. What is malformed is not a preference (RFC 7240,
 * section 2), and the first of several counts.
 */
export const readWait = (prefer: string | null): number => {
  for (const preference of (prefer ?? "").slice(0, 1024).split(",")) {
    const seconds = /^\s*wait\s*=\s*"?([0-9]{1,9})"?\s*(?:;|$)/i.exec(preference)?.[1];
    if (seconds !== undefined) return Math.min(Number(seconds), MAX_WAIT_S);
  }
  return 0;
};

/** What an answer that may have been waited for carries (RFC 7240, section 3). */
export const waitHeaders = (seconds: number): Readonly<Record<string, string>> => ({
  Vary: "Prefer, Authorization",
  ...(seconds === 0 ? {} : { "Preference-Applied": `wait=${seconds}` }),
});
