/** A literal of Ruby's and where it ends; the value is undefined where it is not fixed (`"#{name}"`). */
export interface RubyLiteral {
  readonly value: string | readonly string[] | undefined;
  readonly end: number;
}

const MAX_ITEMS = 500;
// Characters of a text or a whole list: what is read of them is short, and a stranger may leave the end out.
const MAX_TEXT = 5000;
const SPACE = /[ \t\r\n]*/y;
// What is called on a literal and leaves it as it is.
const FREEZE = /(?:\.freeze)?/y;
const WRAPPER = /(?:Gem::(?:Version|Requirement)\.new[ \t]*\(?[ \t]*)?/y;
const CLOSING: Readonly<Record<string, string>> = { "<": ">", "(": ")", "[": "]", "{": "}" };
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", s: " ", e: "", "0": "" };

/**
 * Reads a string or a list of strings at a place in Ruby source, as RubyGems writes them and people do: quoted, `%q<x>`,
 * `%w[a b]`, `["a", "b"]`. Nothing is evaluated; undefined for everything else.
 */
export const readRubyLiteral = (source: string, start: number): RubyLiteral | undefined => {
  const at = skip(WRAPPER, source, skip(SPACE, source, start));
  const opener = source[at];
  if (opener === "[") return readList(source, at + 1);
  const words = /^%[wW]([<([{|!])/.exec(source.slice(at, at + 3))?.[1];
  if (words !== undefined) return readWords(source, at + 3, CLOSING[words] ?? words);
  return readText(source, at);
};

const skip = (pattern: RegExp, source: string, at: number): number => {
  pattern.lastIndex = at;
  return at + (pattern.exec(source)?.[0].length ?? 0);
};

const readText = (source: string, at: number): RubyLiteral | undefined => {
  const quote = source[at];
  const percent = quote === "%" ? /^%([qQ]?)([<([{|!])/.exec(source.slice(at, at + 3)) : null;
  if (quote !== "'" && quote !== '"' && percent === null) return undefined;
  const opener = percent?.[2] ?? quote ?? "";
  const isInterpolated = percent === null ? quote === '"' : percent[1] !== "q";
  const text = readUntil(source, at + (percent?.[0].length ?? 1), CLOSING[opener] ?? opener, isInterpolated);
  return text && { ...text, end: skip(FREEZE, source, text.end) };
};

const readUntil = (source: string, start: number, close: string, isInterpolated: boolean): RubyLiteral | undefined => {
  let value = "";
  for (let at = start; at < source.length && at - start < MAX_TEXT; at++) {
    const character = source[at] ?? "";
    if (character === close) return { value: isInterpolated && value.includes("#{") ? undefined : value, end: at + 1 };
    if (character !== "\\") {
      value += character;
      continue;
    }
    const escape = readEscape(source, at + 1, isInterpolated, close);
    value += escape.text;
    at = escape.end - 1;
  }
  return undefined;
};

const UNICODE = /u(?:([0-9A-Fa-f]{4})|\{([0-9A-Fa-f]{1,6})\})/y;

const readEscape = (
  source: string,
  at: number,
  isInterpolated: boolean,
  close: string,
): { readonly text: string; readonly end: number } => {
  const character = source[at] ?? "";
  if (!isInterpolated)
    return { text: character === close || character === "\\" ? character : `\\${character}`, end: at + 1 };
  UNICODE.lastIndex = at;
  const unicode = UNICODE.exec(source);
  if (unicode === null) return { text: ESCAPES[character] ?? character, end: at + 1 };
  const point = Number.parseInt(unicode[1] ?? unicode[2] ?? "", 16);
  return { text: point > 0x10ffff ? "" : String.fromCodePoint(point), end: at + unicode[0].length };
};

/** A list's texts; items that are not fixed are left out, one that is no text ends it. */
const readList = (source: string, start: number): RubyLiteral | undefined => {
  const items: string[] = [];
  for (let at = skip(SPACE, source, start), count = 0; count <= MAX_ITEMS && at - start < MAX_TEXT; count++) {
    if (source[at] === "]") return { value: items, end: skip(FREEZE, source, at + 1) };
    const item = readText(source, skip(WRAPPER, source, at));
    if (item === undefined) return undefined;
    if (typeof item.value === "string") items.push(item.value);
    at = skip(SPACE, source, item.end);
    if (source[at] === ",") at = skip(SPACE, source, at + 1);
    else if (source[at] !== "]") return undefined;
  }
  return undefined;
};

const readWords = (source: string, start: number, close: string): RubyLiteral | undefined => {
  const end = source.indexOf(close, start);
  if (end < 0 || end - start > MAX_TEXT) return undefined;
  const words = source
    .slice(start, end)
    .split(/\s+/, MAX_ITEMS)
    .filter((word) => word !== "" && !word.includes("#{"));
  return { value: words, end: skip(FREEZE, source, end + 1) };
};
