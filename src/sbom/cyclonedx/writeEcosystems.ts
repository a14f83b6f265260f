import { compareText } from "#sbom/compareText.ts";
import type { Sbom } from "#sbom/sbom.ts";

// These look for no packages of their own: the distribution is a component, and embedded documents are claims about others.
const HELPERS: ReadonlySet<string> = new Set(["embedded-sbom", "os-release"]);

/**
 * A property for each kind of package that was looked for: how many were found, and how much of the evidence could not be read.
 * So that "none found" can be told from "not looked for".
 */
export const writeEcosystems = ({
  packages,
  completeness,
  gaps,
}: Sbom): readonly (readonly [name: string, value: string])[] => {
  const counts = new Map<string, number>();
  for (const { foundBy, sameAs = [] } of packages)
    for (const name of [foundBy, ...sameAs.map((one) => one.foundBy)]) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.keys(completeness)
    .filter((name) => !HELPERS.has(name))
    .toSorted(compareText)
    .map((name) => {
      const count = counts.get(name) ?? 0;
      const unread = gaps[name] ?? 0;
      const gap = unread === 0 ? "" : `, ${unread} ${unread === 1 ? "gap" : "gaps"}`;
      return [`ecosystem:${name}`, `${count === 0 ? "none" : String(count)} found${gap}`];
    });
};
