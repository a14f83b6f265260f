import type { FindOwners } from "#sbom/cataloger.ts";
import { compareText } from "#sbom/compareText.ts";
import { mergeEdges } from "#sbom/mergeEdges.ts";
import { findOwners } from "#sbom/ownership/findOwners.ts";
import { isSamePackage } from "#sbom/ownership/isSamePackage.ts";
import type { Edge, Occurrence, OtherIdentity, Package } from "#sbom/package.ts";

/** What all catalogers found, before or after it is settled what belongs to what. */
export interface OwnedFindings {
  readonly packages: readonly Package[];
  readonly edges: readonly Edge[];
  /** Ids. */
  readonly direct: readonly string[];
}

interface Owned {
  readonly found: Package;
  /** Id of the owner by path. */
  readonly owners: ReadonlyMap<string, string>;
}

/**
 * Makes one package of a distribution's package and what it packs (reference 4.9): the owner stays, with both evidences. A
 * package that is only a part of its owner stays beside it, below it in the graph. Packages of `owning` catalogers own and are
 * not owned.
 */
export const settleOwnership = (
  { packages, edges, direct }: OwnedFindings,
  owned: FindOwners,
  owning: ReadonlySet<string>,
): OwnedFindings => {
  const byId = new Map(packages.filter(({ foundBy }) => owning.has(foundBy)).map((one) => [one.id, one]));
  const claims = claimsOf(packages, owned, byId);
  const crowded = countByOwner(claims);
  const merged = new Map<string, Owned>();
  const parts = new Map<string, Owned>();
  for (const claim of claims) {
    const isSame = ownersIn(claim).every((id) => {
      const owner = byId.get(id);
      return owner !== undefined && isSamePackage(owner, claim.found, crowded(id, claim.found.type) === 1);
    });
    (isSame ? merged : parts).set(claim.found.id, claim);
  }
  const homeOf = (id: string): string => {
    const claim = merged.get(id);
    return (claim && ownersIn(claim)[0]) ?? id;
  };
  const below = [...parts.values()].flatMap((claim) => ownersIn(claim).map((from) => ({ from, to: claim.found.id })));
  return {
    packages: joinEvidence(packages, merged, parts),
    edges: mergeEdges([...edges.map(({ from, to }) => ({ from: homeOf(from), to: homeOf(to) })), ...below]),
    direct: [...new Set(direct.map(homeOf))].toSorted(compareText),
  };
};

const claimsOf = (
  packages: readonly Package[],
  owned: FindOwners,
  byId: ReadonlyMap<string, Package>,
): readonly Owned[] => {
  const others = packages.filter(({ id }) => !byId.has(id));
  const ownersOf = findOwners(others, owned);
  return others.flatMap((found) => {
    const owners = ownersOf(found);
    return owners === undefined || [...owners.values()].some((id) => !byId.has(id)) ? [] : [{ found, owners }];
  });
};

const ownersIn = ({ owners }: Owned): readonly string[] => [...new Set(owners.values())].toSorted(compareText);

/** How many packages of an ecosystem an owner has. */
const countByOwner = (claims: readonly Owned[]): ((owner: string, type: Package["type"]) => number) => {
  const counts = new Map<string, number>();
  for (const claim of claims) {
    for (const owner of ownersIn(claim)) {
      const key = `${claim.found.type} ${owner}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return (owner, type) => counts.get(`${type} ${owner}`) ?? 0;
};

const joinEvidence = (
  packages: readonly Package[],
  merged: ReadonlyMap<string, Owned>,
  parts: ReadonlyMap<string, Owned>,
): readonly Package[] => {
  const taken = new Map<string, Owned[]>();
  for (const claim of merged.values()) {
    for (const owner of ownersIn(claim)) {
      const claims = taken.get(owner);
      if (claims === undefined) taken.set(owner, [claim]);
      else claims.push(claim);
    }
  }
  return packages.flatMap((found) => {
    if (merged.has(found.id)) return [];
    const part = parts.get(found.id);
    if (part !== undefined) return { ...found, ownedBy: ownersIn(part)[0] ?? "" };
    const claims = taken.get(found.id);
    return claims === undefined ? found : takeOver(found, claims);
  });
};

const takeOver = (owner: Package, claims: readonly Owned[]): Package => {
  const places = claims.flatMap(({ found, owners }) =>
    found.occurrences.filter(({ path }) => owners.get(path) === owner.id),
  );
  const licensed = [owner, ...claims.map(({ found }) => found)].find(({ licenses }) => licenses.length > 0);
  return {
    ...owner,
    ...(licensed === undefined ? {} : { licenses: licensed.licenses }),
    ...(licensed?.licenseSource === undefined ? {} : { licenseSource: licensed.licenseSource }),
    occurrences: [...owner.occurrences, ...places].toSorted(byPlace),
    sameAs: claims.map(({ found }) => identityOf(found)).toSorted((a, b) => compareText(a.purl, b.purl)),
  };
};

const identityOf = (found: Package): OtherIdentity => {
  const { purl, foundBy, cpes = [], technique = "manifest-analysis", confidence = 1 } = found;
  return { purl, foundBy, cpes, technique, confidence };
};

const byPlace = (a: Occurrence, b: Occurrence): number => compareText(a.path, b.path) || a.layer - b.layer;
