import type { Occurrence, Package } from "#sbom/package.ts";

/** What an SBOM that lies in the image says of one package: a claim of whoever wrote the file, not evidence. */
export interface ClaimedPackage {
  /** As written there. */
  readonly purl: string;
  readonly licenses: Package["licenses"];
  readonly supplier?: string;
  readonly description?: string;
  readonly homepage?: string;
  /** CPE 2.3 names. */
  readonly cpes?: readonly string[];
  readonly hashes?: NonNullable<Package["hashes"]>;
  /** Package URL of the source that it was made from. */
  readonly source?: string;
}

/** A claim and the file that makes it. */
export interface Statement extends ClaimedPackage {
  readonly place: Occurrence;
  /** SHA-256 of the file, in hex. */
  readonly sha256: string;
  /** Whether the package is listed even where nothing else in the image tells of it. */
  readonly isListed: boolean;
}
