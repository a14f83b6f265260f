import { hasCode } from "#core/errors.ts";
import { checkTrustedIdentity } from "#trust/identityRule.ts";
import type { TextRule, TrustedIdentity } from "#trust/identityRule.ts";
import type { ProofDemand } from "#trust/trustSets.ts";
import { entriesOf, flawAt, listAt, membersOf, textAt } from "#trust/yamlPlace.ts";
import type { YamlPlace } from "#trust/yamlPlace.ts";

const MAX_IDENTITIES = 256;
const NAMES = ["name", "subject", "subjectPattern", "issuer", "issuerPattern", "claims"] as const;

/** `identities` of a trust set: exact texts, or patterns that must match the whole of it. */
export const readIdentities = (place: YamlPlace): readonly TrustedIdentity[] => {
  const places = listAt(place, MAX_IDENTITIES);
  const identities = places.map(readIdentity);
  identities.forEach(({ name }, index) => {
    const twin = places[identities.findIndex((other, at) => at > index && other.name === name)];
    if (twin !== undefined) throw flawAt(twin, `the name ${name} stands there already`, undefined, "duplicate");
  });
  return identities;
};

const readIdentity = (place: YamlPlace): TrustedIdentity => {
  const members = membersOf(place, NAMES);
  if (members.name === undefined) throw flawAt(place, "name is missing", "Give every identity a name: results say it.");
  const identity = {
    name: textAt(members.name),
    subject: [readRule(place, "subject", members.subject, members.subjectPattern)],
    // Who vouches for a subject is half of who it is: one issuer's "alice" is not another's.
    issuer: [readRule(place, "issuer", members.issuer, members.issuerPattern)],
    claims: members.claims === undefined ? {} : readClaims(members.claims),
  };
  try {
    checkTrustedIdentity(identity);
  } catch (thrown) {
    if (!hasCode(thrown, "USAGE_INVALID")) throw thrown;
    throw flawAt(place, thrown.message, thrown.hint);
  }
  return identity;
};

const readRule = (
  place: YamlPlace,
  name: string,
  exact: YamlPlace | undefined,
  pattern: YamlPlace | undefined,
): TextRule => {
  if (exact !== undefined && pattern === undefined) return { kind: "exact", value: textAt(exact) };
  if (exact === undefined && pattern !== undefined) return { kind: "pattern", source: textAt(pattern) };
  throw flawAt(place, `one of ${name} and ${name}Pattern is wanted`);
};

const readClaims = (place: YamlPlace): Readonly<Record<string, string>> =>
  Object.fromEntries([...entriesOf(place)].map(([name, value]) => [name, textAt(value)]));

const MAX_DEMAND = 8;

/** `require` of a trust set. */
export const readDemand = (place: YamlPlace | undefined): ProofDemand => {
  const members = place === undefined ? {} : membersOf(place, ["log", "timestamp", "sct"]);
  return { log: countAt(members.log), timestamp: countAt(members.timestamp), sct: countAt(members.sct) };
};

const countAt = (place: YamlPlace | undefined): number | undefined => {
  if (place === undefined) return undefined;
  const value = (place.node as { readonly value?: unknown } | null)?.value;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MAX_DEMAND) return value;
  throw flawAt(place, `a whole number from 0 to ${MAX_DEMAND} is wanted`);
};
