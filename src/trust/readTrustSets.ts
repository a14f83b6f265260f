import { flawAt, entriesOf, membersOf, openYaml, textAt } from "#trust/yamlPlace.ts";
import type { YamlPlace } from "#trust/yamlPlace.ts";
import { readDemand, readIdentities } from "#trust/trustedSigners.ts";
import { readRootSources } from "#trust/rootSource.ts";
import { readScopedKeys } from "#trust/scopedKey.ts";
import type { TrustSet, TrustSets } from "#trust/trustSets.ts";

const MAX_SETS = 64;
const SET_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/**
 * Reads a document of named trust sets (docs/trust.md). Files that it names are not read. TRUST_INVALID with file and line for
 * what it should not say, or says twice; KEY_WEAK for a key that is not allowed; LIMIT_EXCEEDED.
 */
export const readTrustSets = (text: string, fileName: string): TrustSets => {
  const top = openYaml(text, fileName);
  const { apiVersion, kind, sets } = membersOf(top, ["apiVersion", "kind", "sets"]);
  demandText(top, apiVersion, "apiVersion", "waybill.dev/v1");
  demandText(top, kind, "kind", "TrustSets");
  if (sets === undefined) throw flawAt(top, "sets is missing");
  const places = entriesOf(sets);
  if (places.size === 0) throw flawAt(sets, "there is no set", undefined, "empty");
  if (places.size > MAX_SETS) throw flawAt(sets, `${places.size} sets, the limit is ${MAX_SETS}`);
  const read = new Map([...places].map(([name, place]) => [name, readSet(name, place)]));
  return {
    source: fileName,
    sets: new Map([...read].map(([name, { set }]) => [name, set])),
    warnings: [...read.values()].flatMap(({ warnings }) => warnings),
  };
};

const demandText = (top: YamlPlace, place: YamlPlace | undefined, name: string, wanted: string): void => {
  const found = place === undefined ? undefined : textAt(place);
  if (found === wanted) return;
  const is = found === undefined ? "is missing" : `is ${JSON.stringify(found.slice(0, 80))}`;
  throw flawAt(place ?? top, `${place === undefined ? `${name} ` : ""}${is}; ${wanted} is known`);
};

const readSet = (name: string, place: YamlPlace): { readonly set: TrustSet; readonly warnings: readonly string[] } => {
  if (!SET_NAME.test(name)) throw flawAt(place, "a set's name is up to 63 letters, digits and . _ -");
  const { roots, keys, identities, require } = membersOf(place, ["roots", "keys", "identities", "require"]);
  const scoped = keys === undefined ? { keys: [], warnings: [] } : readScopedKeys(keys);
  const set = {
    name,
    roots: roots === undefined ? [] : readRootSources(roots),
    keys: scoped.keys,
    identities: identities === undefined ? [] : readIdentities(identities),
    demand: readDemand(require),
  };
  if (set.keys.length === 0 && set.identities.length === 0) {
    throw flawAt(place, "it names neither keys nor identities, so it trusts nobody", undefined, "empty");
  }
  if (set.identities.length > 0 && set.roots.length === 0) {
    throw flawAt(
      place,
      "identities need a root that vouches for them",
      "Add roots, such as: roots: [{embedded: public-good}]",
      "empty",
    );
  }
  return { set, warnings: scoped.warnings };
};
