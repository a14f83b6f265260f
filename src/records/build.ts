import type { Digest } from "#core/digest.ts";

/** A tenant's name, such as `default`: lower-case letters, digits, `.`, `_`, `-`. Every row belongs to one. */
export type Tenant = string;

/** In place of a tenant where something concerns the whole service; no tenant can have this name, and all see what has it. */
export const ALL_TENANTS: Tenant = "*";

/** What has become of a build's papers. `pending`: registered, or waiting for its turn. */
export const BUILD_STATES = ["pending", "running", "done", "failed", "skipped", "signing_unavailable"] as const;
export type BuildState = (typeof BUILD_STATES)[number];

/** What the platform says of a build when it registers it; never changes afterwards. */
export interface BuildFacts {
  readonly source: string | undefined;
  readonly commitSha: string | undefined;
  readonly builder: string | undefined;
  /** External parameters, as SLSA calls them. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** An image as a build names it. */
export interface BuildImage {
  /** `host/repository`, canonical. */
  readonly repository: string;
  readonly digest: Digest;
}

/** Why something is not as it should be: a code of the error table and a sentence without secrets. */
export interface Reason {
  readonly code: string;
  readonly message: string;
}

/** One build of one app. */
export interface Build {
  readonly tenant: Tenant;
  readonly app: string;
  /** The platform's own name for it, unique within its app. */
  readonly id: string;
  /** UUIDv7, in the order of registration: what pages are cut by. */
  readonly row: string;
  readonly facts: BuildFacts;
  /** Undefined before the first request to issue. */
  readonly image: BuildImage | undefined;
  readonly state: BuildState;
  readonly reason: Reason | undefined;
  /** The operation that issues its papers, the latest of several. */
  readonly operation: string | undefined;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** True where both say the same: registering a build twice is no conflict then. */
export const sameFacts = (a: BuildFacts, b: BuildFacts): boolean =>
  a.source === b.source &&
  a.commitSha === b.commitSha &&
  a.builder === b.builder &&
  sameEntries(a.parameters, b.parameters);

const sameEntries = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean => {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && a[name] === b[name]);
};
