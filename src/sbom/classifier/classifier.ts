/** Where a program carries its version. */
export interface Marker {
  /** Bytes (as latin1) that stand beside the version; searched for first. */
  readonly literal: string;
  /** Sticky; matched at the literal, on latin1 text; its group `version` is the version. */
  readonly pattern: RegExp;
}

/** How one product is known that was not installed as a package: by a file's name and by bytes in it. */
export interface Classifier {
  /** Name of the package. */
  readonly product: string;
  /** Names of its files, last segment: `*` is any rest, `#` digits and dots. */
  readonly files: readonly string[];
  /** Vendor and product of its CPE. */
  readonly cpe: string;
  /** SPDX expression; what the product is published under. */
  readonly license?: string;
  /** A library rather than a program of its own. */
  readonly library?: true;
  /** Tried in this order; the first that is found counts. */
  readonly markers: readonly Marker[];
  /** Bytes that must be in the file, too, where a marker alone could be chance. */
  readonly requires?: string;
  /** A file of text, read from its start, instead of a program. */
  readonly text?: true;
  /** Name of better evidence in the directory above the file's; where it is there this one is silent. */
  readonly unless?: string;
}

/** A version of numbers: at least this many of them, and at most that many. */
export const numbers = (least: number, most = least): string => `\\d{1,5}(?:\\.\\d{1,5}){${least - 1},${most - 1}}`;

/** `literal`, `gap`, then the version (a regular expression's source; three numbers where it is not given), then `end`. */
export const follows = (literal: string, version = numbers(3), end = "(?![.\\d])", gap = ""): Marker => ({
  literal,
  pattern: new RegExp(`${escape(literal)}${gap}(?<version>${version})${end}`, "y"),
});

/** `start`, then the version, then `between`, then `literal`. */
export const precedes = (literal: string, version = numbers(3), between = "", start = "\\0"): Marker => ({
  literal,
  pattern: new RegExp(`(?<=${start}(?<version>${version})${between})${escape(literal)}`, "y"),
});

/** A version that begins with `start`, behind any byte that is no part of it; only for libraries with unmistakable names. */
export const bare = (start: string, version: string, end = "\\0"): Marker => ({
  literal: start,
  pattern: new RegExp(`(?<![\\d.])(?<version>${version})${end}`, "y"),
});

/** A version that is a string of its own and begins with `start`; only for files whose name leaves no doubt. */
export const alone = (start: string, version: string, end = "\\0"): Marker => ({
  literal: `\0${start}`,
  pattern: new RegExp(`\\0(?<version>${version})${end}`, "y"),
});

const escape = (text: string): string => text.replace(/[$()*+.?[\\\]^{|}/]/g, "\\$&");
