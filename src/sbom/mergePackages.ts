import { compareText } from "#sbom/compareText.ts";
import type { Occurrence, Package } from "#sbom/package.ts";

/**
 * One package per id, in id order, with all places where it was seen and the earliest layer of them; what else is known
 * is taken from the package that came first.
 */
export const mergePackages = (packages: Iterable<Package>): readonly Package[] => {
  const byId = new Map<string, Package[]>();
  for (const found of packages) {
    const same = byId.get(found.id);
    if (same === undefined) byId.set(found.id, [found]);
    else same.push(found);
  }
  return [...byId.values()].map(mergeSame).sort((a, b) => compareText(a.id, b.id));
};

const mergeSame = (same: readonly Package[]): Package => {
  let introducedIn = Number.POSITIVE_INFINITY;
  const places = new Map<string, Occurrence>();
  for (const found of same) {
    introducedIn = Math.min(introducedIn, found.introducedIn);
    for (const place of found.occurrences) places.set(`${place.path}\n${place.layer}`, place);
  }
  const occurrences = [...places.values()].sort((a, b) => compareText(a.path, b.path) || a.layer - b.layer);
  // Later ones fill only what the first does not say; an empty list of licences says nothing.
  const licensed = same.find(({ licenses }) => licenses.length > 0);
  const { licenses = [], licenseSource } = licensed ?? {};
  const stated = licenseSource === undefined ? { licenses } : { licenses, licenseSource };
  return { ...Object.assign({}, ...same.toReversed()), ...stated, occurrences, introducedIn } as Package;
};
