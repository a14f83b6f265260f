/** One way to authenticate that a WWW-Authenticate header offers. */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string;
  /** Names in lower case; the first of several of one name counts. */
  readonly parameters: ReadonlyMap<string, string>;
}

// RFC 9110 sections 5.6.2, 5.6.4 and 11.2.
const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const TOKEN68 = /[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/y;
const BARE_VALUE = /[^\s,"]*/y;
const SPACE = /[ \t]*/y;
const SEPARATOR = /[ \t,]*/y;
const MAX_HEADER = 8192;

/**
 * Reads all challenges of a WWW-Authenticate header (RFC 9110 section 11.6.1), joined headers included. What cannot be
 * read ends the list: nothing after it is believed.
 */
export const parseChallenges = (header: string): readonly Challenge[] => {
  const reader = createReader(header.slice(0, MAX_HEADER));
  const challenges: Challenge[] = [];
  for (;;) {
    reader.take(SEPARATOR);
    const scheme = reader.take(TOKEN);
    if (scheme === undefined || scheme === "") return challenges;
    challenges.push({ scheme: scheme.toLowerCase(), parameters: readParameters(reader) });
  }
};

const readParameters = (reader: Reader): ReadonlyMap<string, string> => {
  const parameters = new Map<string, string>();
  reader.take(SPACE);
  const start = reader.at();
  if (reader.take(TOKEN68) !== undefined) return parameters;
  reader.goTo(start);
  for (;;) {
    const before = reader.at();
    reader.take(SEPARATOR);
    const name = reader.take(TOKEN)?.toLowerCase();
    reader.take(SPACE);
    if (name === undefined || !reader.takeText("=")) {
      // A token without a value begins the next challenge.
      reader.goTo(before);
      return parameters;
    }
    reader.take(SPACE);
    const quoted = reader.take(QUOTED);
    const value = quoted === undefined ? (reader.take(BARE_VALUE) ?? "") : unquote(quoted);
    if (!parameters.has(name)) parameters.set(name, value);
  }
};

const unquote = (text: string): string => text.slice(1, -1).replaceAll(/\\(.)/gs, "$1");

interface Reader {
  readonly at: () => number;
  readonly goTo: (at: number) => void;
  readonly take: (pattern: RegExp) => string | undefined;
  readonly takeText: (text: string) => boolean;
}

const createReader = (text: string): Reader => {
  let at = 0;
  return {
    at: () => at,
    goTo: (to) => void (at = to),
    take: (pattern) => {
      pattern.lastIndex = at;
      const found = pattern.exec(text)?.[0];
      at += found?.length ?? 0;
      return found;
    },
    takeText: (wanted) => {
      if (!text.startsWith(wanted, at)) return false;
      at += wanted.length;
      return true;
    },
  };
};
