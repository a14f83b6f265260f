import type { Digest } from "#core/digest.ts";
import type { Tenant } from "#records/build.ts";

/** Rows that are kept of one SBOM: the largest images have some ten thousand packages. */
export const MAX_PACKAGES = 100_000;

/** A component of an image, out of its attested SBOM. */
export interface PackageRow {
  readonly name: string;
  readonly version: string;
  readonly type: string;
  readonly purl: string;
  readonly licenses: string;
}

/** The packages that an SBOM names. */
export interface PackageList {
  /** One for each purl, in the order of purls as JavaScript compares them; at most `MAX_PACKAGES`. */
  readonly rows: readonly PackageRow[];
  /** How many there are, of which `rows` may be the first. */
  readonly total: number;
}

/** What is known of a list of packages besides its rows. */
export interface PackageListHead {
  /** UUIDv7. */
  readonly id: string;
  readonly tenant: Tenant;
  readonly subject: Digest;
  readonly total: number;
  /** Rows that are kept. */
  readonly listed: number;
}
