import { WaybillError } from "#core/errors.ts";
import type { Reducer } from "#sbom/cataloger.ts";
import type { Classifier, Marker } from "#sbom/classifier/classifier.ts";
import { formatOf } from "#sbom/executable/formatOf.ts";

/** What `classifierReducer` keeps, as a JSON list. */
export interface Classified {
  readonly product: string;
  readonly version: string;
}

// What a pattern may look at before and behind the start of its literal.
const BEFORE = 160;
const AFTER = 240;
// A stranger's file may be made of nothing but literals.
const MAX_MARKERS = 20_000;
const MAX_TEXT = 4096;
const EMPTY: Buffer = Buffer.alloc(0);

/**
 * Looks for the markers of some classifiers in a program that streams by. Content that is no ELF, PE or Mach-O file is given
 * up at its fourth byte, unless a classifier reads text. LIMIT_EXCEEDED where a literal stands in it absurdly often.
 */
export const classifierReducer = (classifiers: readonly Classifier[]): Reducer => {
  const searches = classifiers.map((one) => (one.text === true ? searchText(one) : searchProgram(one)));
  let hungry = searches;
  return {
    write: (chunk) => {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      hungry = hungry.filter((search) => search.add(bytes));
      return hungry.length > 0;
    },
    end: () => {
      const found = searches.flatMap((search) => search.finish() ?? []);
      return found.length === 0 ? undefined : Buffer.from(JSON.stringify(found));
    },
  };
};

interface Search {
  /** False when nothing more is wanted. */
  readonly add: (chunk: Buffer) => boolean;
  readonly finish: () => Classified | undefined;
}

const searchText = ({ product, markers }: Classifier): Search => {
  let head = EMPTY;
  return {
    add: (chunk) => {
      head = Buffer.concat([head, chunk.subarray(0, MAX_TEXT - head.length)]);
      return head.length < MAX_TEXT;
    },
    finish: () => {
      // So that a literal can ask for the start of a line, the first one included.
      const text = `\n${head.toString("latin1")}`;
      const version = markers
        .map((marker) => versionAt(marker, text, text.indexOf(marker.literal)))
        .find((one) => one !== undefined);
      return version === undefined ? undefined : { product, version };
    },
  };
};

const searchProgram = ({ product, markers, requires }: Classifier): Search => {
  const needed = requires === undefined ? undefined : Buffer.from(requires, "latin1");
  const counts = markers.map(() => 0);
  const versions: (string | undefined)[] = markers.map(() => undefined);
  let isThere = needed === undefined;
  let isProgram: boolean | undefined;
  // The end of what was seen; a literal that begins in it and may go on in the next chunk is looked at then.
  let carry = EMPTY;
  let seen = 0;
  const scan = (window: Buffer, end: number): void => {
    for (const [index, marker] of markers.entries()) {
      if (versions.slice(0, index + 1).some((version) => version !== undefined)) break;
      for (let at = find(window, marker, seen); at >= 0 && at < end; at = find(window, marker, at + 1)) {
        counts[index] = (counts[index] ?? 0) + 1;
        if ((counts[index] ?? 0) > MAX_MARKERS) throw tooMany(product);
        const start = Math.max(0, at - BEFORE);
        versions[index] = versionAt(marker, window.toString("latin1", start, at + AFTER), at - start);
        if (versions[index] !== undefined) break;
      }
    }
  };
  return {
    add: (chunk) => {
      const window = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
      if (window.length >= 4) isProgram ??= formatOf(window) !== undefined;
      if (isProgram === false) return false;
      isThere ||= needed !== undefined && window.includes(needed);
      const end = Math.max(seen, window.length - AFTER);
      scan(window, end);
      const keep = Math.max(0, end - BEFORE);
      carry = Buffer.from(window.subarray(keep));
      seen = end - keep;
      return versions[0] === undefined || !isThere;
    },
    finish: () => {
      if (isProgram !== true) return undefined;
      scan(carry, carry.length);
      const version = versions.find((one) => one !== undefined);
      return version === undefined || !isThere ? undefined : { product, version };
    },
  };
};

// The search looks for the first byte of what it is given; programs are full of NUL, so a literal is found by its second.
const find = (window: Buffer, { literal }: Marker, from: number): number => {
  if (!literal.startsWith("\0")) return window.indexOf(literal, from, "latin1");
  const rest = literal.slice(1);
  let at = window.indexOf(rest, from + 1, "latin1");
  while (at > 0 && window[at - 1] !== 0) at = window.indexOf(rest, at + 1, "latin1");
  return at - 1;
};

const versionAt = ({ pattern }: Marker, text: string, at: number): string | undefined => {
  if (at < 0) return undefined;
  pattern.lastIndex = at;
  return pattern.exec(text)?.groups?.["version"];
};

const tooMany = (product: string): WaybillError =>
  new WaybillError("LIMIT_EXCEEDED", `${product}: more than ${MAX_MARKERS} places that could tell a version`);
