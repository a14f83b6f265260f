/** Milliseconds that a Retry-After header asks for (RFC 9110 section 10.2.3: seconds or a date), undefined if it says nothing. */
export const retryAfter = (value: string | undefined, now: number): number | undefined => {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^[0-9]{1,9}$/.test(text)) return Number(text) * 1000;
  // Date.parse takes much more than HTTP dates; all of those end in GMT and begin with a day's name.
  const date = /^[A-Z][a-z]{2}.* GMT$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
};
