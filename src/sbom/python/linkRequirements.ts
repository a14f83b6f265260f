import type { Edge } from "#sbom/package.ts";
import type { MarkerEnvironment } from "#sbom/python/compareMarker.ts";
import { evaluateMarker } from "#sbom/python/evaluateMarker.ts";
import { readRequirement } from "#sbom/python/readRequirement.ts";
import type { Requirement } from "#sbom/python/readRequirement.ts";

/** A package that an interpreter can import. */
export interface ImportedPackage {
  readonly id: string;
  /** Normalised. */
  readonly name: string;
  /** Undefined where the evidence has no place for them. */
  readonly requires: readonly string[] | undefined;
}

export interface LinkedPackages {
  readonly edges: readonly Edge[];
  /** Whether every requirement could be decided and was found. */
  readonly isComplete: boolean;
}

// Each round follows extras one requirement further; honest chains of extras have two or three.
const MAX_ROUNDS = 20;
const MAX_EXTRAS = 100;

interface Node extends ImportedPackage {
  readonly requirements: readonly Requirement[];
  /** That other packages ask for. */
  readonly extras: Set<string>;
}

/** How much may be read and evaluated for a whole image: characters of conditions, and packages. */
export interface LinkBudget {
  left: number;
}

/**
 * Edges by Requires-Dist from `members`, to the first package of a name among them and then among `others`. A requirement
 * of an extra counts where a package asks for that extra (`requests[socks]`); which extras a user asked for, nothing says: where
 * what such an extra wants is there, the edges are not called complete.
 */
export const linkRequirements = (
  members: readonly ImportedPackage[],
  others: readonly ImportedPackage[],
  environment: MarkerEnvironment,
  budget: LinkBudget,
): LinkedPackages => {
  budget.left -= members.length + others.length;
  if (budget.left < 0) return { edges: [], isComplete: false };
  const nodes = members.map(toNode);
  const byName = new Map<string, Node>();
  for (const one of [...nodes, ...others.map(toTarget)]) if (!byName.has(one.name)) byName.set(one.name, one);
  const known: Known = { environment, budget };
  let isComplete = spreadExtras(nodes, byName, known) && nodes.every(({ requires }) => requires !== undefined);
  const edges: Edge[] = [];
  for (const node of nodes) {
    for (const requirement of node.requirements) {
      const target = byName.get(requirement.name);
      const answer = holds(requirement, node.extras, known);
      if (answer === true && target !== undefined) edges.push({ from: node.id, to: target.id });
      else if (answer === true) isComplete = false;
      else if (target !== undefined && (answer === undefined || mayHold(requirement, known) !== false))
        isComplete = false;
    }
  }
  return { edges, isComplete };
};

const toNode = (one: ImportedPackage): Node => ({
  ...one,
  requirements: (one.requires ?? []).flatMap((text) => readRequirement(text) ?? []),
  extras: new Set(),
});

// Its own edges are drawn where it is a member.
const toTarget = (one: ImportedPackage): Node => ({ ...one, requirements: [], extras: new Set() });

interface Known {
  readonly environment: MarkerEnvironment;
  readonly budget: LinkBudget;
}

/** Tells each package which extras others want of it, those included that only an extra wants; false where it gave up. */
const spreadExtras = (nodes: readonly Node[], byName: ReadonlyMap<string, Node>, known: Known): boolean => {
  let pending: ReadonlySet<Node> = new Set(nodes);
  for (let round = 0; pending.size > 0; round++) {
    if (round === MAX_ROUNDS) return false;
    const grown = new Set<Node>();
    for (const node of pending) {
      const wanting = node.requirements.filter((one) => one.extras.length > 0);
      for (const requirement of wanting) {
        const target = byName.get(requirement.name);
        if (target === undefined || holds(requirement, node.extras, known) !== true) continue;
        const before = target.extras.size;
        for (const extra of requirement.extras) if (target.extras.size < MAX_EXTRAS) target.extras.add(extra);
        if (target.extras.size > before) grown.add(target);
      }
    }
    pending = grown;
  }
  return true;
};

// As pip does: the condition may hold for any of the extras, or without one.
const holds = (
  { marker }: Requirement,
  extras: Iterable<string>,
  { environment, budget }: Known,
): boolean | undefined => {
  if (marker === undefined) return true;
  let answer: boolean | undefined = false;
  for (const extra of ["", ...extras]) {
    budget.left -= marker.length;
    if (budget.left < 0) return undefined;
    const one = evaluateMarker(marker, { ...environment, extra });
    if (one === true) return true;
    if (one === undefined) answer = undefined;
  }
  return answer;
};

const EXTRA = /extra\s{0,5}==\s{0,5}["']([^"']{1,200})["']/g;

/** Whether a condition would hold with one of the extras that it names. */
const mayHold = (requirement: Requirement, known: Known): boolean | undefined => {
  const named = [...(requirement.marker ?? "").matchAll(EXTRA)].map(([, extra = ""]) => extra);
  return named.length === 0 ? false : holds(requirement, named.slice(0, MAX_EXTRAS), known);
};
