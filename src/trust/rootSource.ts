import { readTrustRoot } from "#trust/readTrustRoot.ts";
import type { RootSource } from "#trust/trustSets.ts";
import { flawAt, jsonAt, listAt, membersOf, textAt } from "#trust/yamlPlace.ts";
import type { YamlPlace } from "#trust/yamlPlace.ts";

const MAX_ROOTS = 16;
const KINDS = ["file", "inline", "embedded", "tuf"] as const;

/** `roots` of a trust set: each of one kind, with the age at which it no longer counts. */
export const readRootSources = (place: YamlPlace): readonly RootSource[] => {
  const sources = listAt(place, MAX_ROOTS).map(readRootSource);
  if (sources.length === 0) throw flawAt(place, "no root", "Leave roots out where keys alone are trusted.", "empty");
  return sources;
};

const readRootSource = (place: YamlPlace): RootSource => {
  const members = membersOf(place, [...KINDS, "maxAge"]);
  const given = KINDS.filter((kind) => members[kind] !== undefined);
  const [kind] = given;
  const value = kind === undefined ? undefined : members[kind];
  if (kind === undefined || value === undefined || given.length > 1) {
    throw flawAt(place, `one of ${KINDS.join(", ")} is wanted`);
  }
  const maxAgeMs = members.maxAge === undefined ? undefined : readAge(members.maxAge);
  if (kind === "file") return { kind, path: textAt(value), maxAgeMs };
  if (kind === "tuf") return { kind, ...readMirror(value), maxAgeMs };
  if (maxAgeMs !== undefined && kind === "inline") {
    throw flawAt(place, "maxAge: nobody says how old a root is that stands here", "Name a file, or use tuf.");
  }
  if (kind === "inline") return { kind, root: readInline(value), maxAgeMs };
  if (textAt(value) === "public-good") return { kind, maxAgeMs };
  throw flawAt(value, "only public-good is embedded");
};

const readInline = (place: YamlPlace): ReturnType<typeof readTrustRoot> => {
  const { file, line, path } = place;
  return readTrustRoot(Buffer.from(jsonAt(place)), `${file.name}:${line}: ${path}`);
};

/** The root is always given: a mirror that named its own would vouch for itself. */
const readMirror = (place: YamlPlace): { readonly mirror: string; readonly rootPath: string } => {
  const { mirror, root } = membersOf(place, ["mirror", "root"]);
  if (mirror === undefined || root === undefined) {
    throw flawAt(place, "mirror and root are wanted", "mirror is an address, root a file with the first root.json.");
  }
  const address = textAt(mirror);
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") {
    throw flawAt(mirror, "an address such as https://tuf.example is wanted, without credentials");
  }
  return { mirror: address, rootPath: textAt(root) };
};

const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000 };

const readAge = (place: YamlPlace): number => {
  const text = textAt(place);
  const [, count, unit = ""] = /^([1-9]\d{0,4})([hd])$/.exec(text) ?? [];
  if (count !== undefined) return Number(count) * (UNITS[unit] ?? 0);
  throw flawAt(place, `${JSON.stringify(text.slice(0, 80))} is no age`, "Write days or hours, such as 90d or 36h.");
};
