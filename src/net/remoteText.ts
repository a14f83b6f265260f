const MAX_TEXT = 300;
// Controls of C0 and C1, line separators, and the marks that turn the direction of text.
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]+/g;

/** Words of a remote side made fit for a message: one line, no control characters, at most 300 characters (attack 36). */
export const remoteText = (text: string): string => {
  const line = text.replaceAll(UNPRINTABLE, " ").trim();
  return line.length > MAX_TEXT ? `${line.slice(0, MAX_TEXT).toWellFormed()}…` : line;
};
