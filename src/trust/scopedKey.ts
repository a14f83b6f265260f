import { readProtoTime } from "#claims/protoTime.ts";
import { hasCode } from "#core/errors.ts";
import { parseImagePattern } from "#core/imagePattern.ts";
import type { ImagePattern } from "#core/imagePattern.ts";
import { keyFingerprint, parsePublicKey } from "#trust/publicKey.ts";
import type { ScopedKey } from "#trust/trustSets.ts";
import type { Window } from "#trust/trustRoot.ts";
import { overlaps } from "#trust/window.ts";
import { flawAt, listAt, membersOf, textAt } from "#trust/yamlPlace.ts";
import type { YamlPlace } from "#trust/yamlPlace.ts";

const MAX_KEYS = 256;
const MAX_PATTERNS = 64;

/** `keys` of a trust set. A window with an open end is allowed, and warned of. */
export const readScopedKeys = (
  place: YamlPlace,
): { readonly keys: readonly ScopedKey[]; readonly warnings: readonly string[] } => {
  const places = listAt(place, MAX_KEYS);
  const keys = places.map(readKey);
  keys.forEach((key, index) => {
    const twin = keys.findIndex((other, at) => at > index && isTwice(key, other));
    const where = places[twin];
    if (where !== undefined) {
      throw flawAt(where, `the name or the key of ${key.name} stands there already`, undefined, "duplicate");
    }
  });
  return { keys, warnings: keys.flatMap((key, index) => warningsOf(key, places[index] ?? place)) };
};

const NAMES = ["name", "pem", "file", "notBefore", "notAfter", "images"] as const;

const readKey = (place: YamlPlace): ScopedKey => {
  const members = membersOf(place, NAMES);
  if (members.name === undefined)
    throw flawAt(place, "name is missing", "Give every key a name: results say who signed.");
  const { pem, file } = members;
  if ((pem === undefined) === (file === undefined)) throw flawAt(place, "one of pem and file is wanted");
  return {
    name: textAt(members.name),
    key: pem === undefined ? { kind: "file", path: textAt(file ?? place) } : { kind: "pem", key: readPem(pem) },
    window: readKeyWindow(members.notBefore, members.notAfter),
    images: members.images === undefined ? [] : readImages(members.images),
  };
};

const readPem = (place: YamlPlace): ReturnType<typeof parsePublicKey> => {
  const { file, line, path } = place;
  return parsePublicKey(textAt(place), `${file.name}:${line}: ${path}`);
};

const readKeyWindow = (notBefore: YamlPlace | undefined, notAfter: YamlPlace | undefined): Window => {
  const window = { start: momentAt(notBefore, "T00:00:00Z"), end: momentAt(notAfter, "T23:59:59.999Z") };
  if (notAfter !== undefined && window.start !== undefined && window.end !== undefined && window.end < window.start) {
    throw flawAt(notAfter, "it lies before notBefore", undefined, "reversed-window");
  }
  return window;
};

/** RFC 3339, or a day alone: from its beginning, or to its end, in UTC. */
const momentAt = (place: YamlPlace | undefined, timeOfDay: string): Date | undefined => {
  if (place === undefined) return undefined;
  const text = textAt(place);
  const time = readProtoTime(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}${timeOfDay}` : text);
  if (time !== undefined) return time.date;
  throw flawAt(place, `${JSON.stringify(text.slice(0, 80))} is no time`, "Write 2027-01-31, or 2027-01-31T12:00:00Z.");
};

const readImages = (place: YamlPlace): readonly ImagePattern[] => {
  const patterns = listAt(place, MAX_PATTERNS).map((one) => {
    try {
      return parseImagePattern(textAt(one));
    } catch (thrown) {
      if (!hasCode(thrown, "REFERENCE_INVALID")) throw thrown;
      throw flawAt(one, thrown.message, thrown.hint);
    }
  });
  if (patterns.length === 0)
    throw flawAt(place, "no pattern, so the key counts for no image", "Leave images out for all.");
  return patterns;
};

/** Two of one name cannot be told apart in results; of one key in two windows that touch, it is open which scope counts. */
const isTwice = (one: ScopedKey, other: ScopedKey): boolean =>
  one.name === other.name || (isSameKey(one, other) && overlaps(one.window, other.window) && sharesImages(one, other));

const isSameKey = ({ key: one }: ScopedKey, { key: other }: ScopedKey): boolean => {
  if (one.kind === "file") return other.kind === "file" && one.path === other.path;
  return other.kind === "pem" && keyFingerprint(one.key) === keyFingerprint(other.key);
};

const sharesImages = ({ images: one }: ScopedKey, { images: other }: ScopedKey): boolean =>
  one.length === 0 || other.length === 0 || one.some(({ text }) => other.some((pattern) => pattern.text === text));

const warningsOf = ({ name, window }: ScopedKey, { file, line }: YamlPlace): readonly string[] =>
  window.end === undefined ? [`${file.name}:${line}: the key ${name} has no notAfter: it counts for ever`] : [];
