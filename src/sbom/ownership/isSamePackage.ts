import { namesCorrespond } from "#sbom/ownership/namesCorrespond.ts";
import { versionsAgree } from "#sbom/ownership/versionsAgree.ts";
import type { Package } from "#sbom/package.ts";

// A program of these is linked from many packages, of which it may show one alone.
const LINKED: ReadonlySet<Package["type"]> = new Set(["cargo", "golang"]);

/**
 * Whether an owned package is what its owner packs, rather than a part of it. The versions must agree: a file that somebody
 * replaced after the distribution had put it there is still in the distribution's list, and must not vanish. Beyond that it is
 * a program itself (a classified binary, a Java runtime), or called like its owner, or the only one of its ecosystem there.
 */
export const isSamePackage = (owner: Package, found: Package, isOnly: boolean): boolean =>
  versionsAgree(owner.version, found.version) &&
  (found.type === "generic" || namesCorrespond(owner, found) || (isOnly && !LINKED.has(found.type)));
