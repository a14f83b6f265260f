import { compareVersions } from "#sbom/rpm/compareVersions.ts";
import type { RpmRelation } from "#sbom/rpm/rpmRecord.ts";

// Bits of a relation's sense (rpm, "Dependencies"; lib/rpmds.h).
const LESS = 2;
const GREATER = 4;
const EQUAL = 8;

/** Whether what is provided fits what is required; both have the same name. One without a version fits any. */
export const isSatisfied = (required: RpmRelation, provided: RpmRelation): boolean => {
  const [, wanted = 0, wantedVersion = ""] = required;
  const [, offered = 0, offeredVersion = ""] = provided;
  if (wanted === 0 || offered === 0) return true;
  const order = compareFull(offeredVersion, wantedVersion);
  const either = (mine: number, theirs: number): boolean => (offered & mine) !== 0 || (wanted & theirs) !== 0;
  if (order < 0) return either(GREATER, LESS);
  if (order > 0) return either(LESS, GREATER);
  return [LESS, GREATER, EQUAL].some((bit) => (offered & wanted & bit) !== 0);
};

/** `epoch:version-release`; a missing epoch is 0, a missing release is any. */
const compareFull = (one: string, other: string): number => {
  const [a, b] = [splitFull(one), splitFull(other)];
  const order = compareVersions(a.epoch, b.epoch) || compareVersions(a.version, b.version);
  if (order !== 0 || a.release === "" || b.release === "") return order;
  return compareVersions(a.release, b.release);
};

const splitFull = (text: string): { readonly epoch: string; readonly version: string; readonly release: string } => {
  const colon = /^\d+:/.test(text) ? text.indexOf(":") : -1;
  const dash = text.lastIndexOf("-");
  return {
    epoch: colon < 0 ? "0" : text.slice(0, colon),
    version: text.slice(colon + 1, dash < 0 ? undefined : dash),
    release: dash < 0 ? "" : text.slice(dash + 1),
  };
};
