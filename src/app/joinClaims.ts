import type { Digest } from "#core/digest.ts";
import { hasCode } from "#core/errors.ts";
import { sameFacts } from "#records/build.ts";
import type { Build, BuildFacts, BuildImage } from "#records/build.ts";
import type { BuildClaim } from "#app/buildClaims.ts";
import { checkName } from "#app/checkName.ts";

/** A build as its papers tell it. */
export interface ToldBuild extends Pick<Build, "tenant" | "app" | "id" | "facts"> {
  readonly image: BuildImage;
}

export interface JoinedClaims {
  /** By app and name. */
  readonly builds: readonly ToldBuild[];
  /** Builds of which the papers say two things, and nobody knows which is so; a sentence each. */
  readonly conflicts: readonly string[];
}

/**
 * One build out of all the signatures that name it. The images of an index carry the signature of the index's build, which is
 * the index's then; the same image in several repositories is the build's in the first of them. `inner`: what is in an index.
 */
export const joinClaims = (
  claims: readonly BuildClaim[],
  inner: ReadonlyMap<Digest, readonly Digest[]>,
): JoinedClaims => {
  const groups = Map.groupBy(claims, ({ app, id }) => `${app}/${id}`);
  const builds: ToldBuild[] = [];
  const conflicts: string[] = [];
  for (const [name, group] of [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const told = joinGroup(group, inner);
    if (typeof told === "string") conflicts.push(`build ${name} ${told}`);
    else builds.push(told);
  }
  return { builds, conflicts };
};

const joinGroup = (group: readonly BuildClaim[], inner: ReadonlyMap<Digest, readonly Digest[]>): ToldBuild | string => {
  const within = new Set(group.flatMap(({ image }) => inner.get(image.digest) ?? []));
  const outer = group.filter(({ image }) => !within.has(image.digest));
  const digests = [...new Set(outer.map(({ image }) => image.digest))];
  const [first] = outer;
  if (first === undefined || digests.length > 1) return `is signed for ${digests.length} images: ${shown(digests)}`;
  if (!isName(first.app) || !isName(first.id)) return "has a name that no build can have";
  const facts = factsOf(outer);
  const [only] = facts;
  if (only === undefined || facts.length > 1) return `has ${facts.length} different sets of facts in its provenances`;
  const { tenant, app, id, image } = first;
  return { tenant, app, id, image, facts: only };
};

/** What provenances say; without any only the commit is known, out of the signature. */
const factsOf = (claims: readonly BuildClaim[]): readonly BuildFacts[] => {
  const stated = claims.flatMap(({ facts }) => facts);
  const bare = claims.map(({ commitSha }) => ({ source: undefined, commitSha, builder: undefined, parameters: {} }));
  const distinct: BuildFacts[] = [];
  for (const one of stated.length > 0 ? stated : bare)
    if (!distinct.some((known) => sameFacts(known, one))) distinct.push(one);
  return distinct;
};

const MAX_SHOWN = 3;

const shown = (digests: readonly Digest[]): string =>
  digests.slice(0, MAX_SHOWN).join(", ") + (digests.length > MAX_SHOWN ? ", ..." : "");

const isName = (text: string): boolean => {
  try {
    return checkName(text, "name") === text;
  } catch (error) {
    if (hasCode(error, "INPUT_INVALID")) return false;
    throw error;
  }
};
