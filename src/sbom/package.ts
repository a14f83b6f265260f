import type { Digest } from "#core/digest.ts";

/** Package types as purl names them. */
export type PackageType =
  | "apk"
  | "bitnami"
  | "cargo"
  | "composer"
  | "conda"
  | "deb"
  | "gem"
  | "generic"
  | "golang"
  | "maven"
  | "npm"
  | "nuget"
  | "oci"
  | "pypi"
  | "rpm";

/** Where a package was seen. */
export interface Occurrence {
  /** Path within the image, without leading slash; within an archive there, after a colon: `app.war:WEB-INF/lib/x.jar`. */
  readonly path: string;
  /** Index of the layer in which this evidence is visible, 0 = base. */
  readonly layer: number;
}

/** One package that the image holds. */
export interface Package {
  /** Unique within the document, stable over builds: the purl, with a suffix where two packages share it. */
  readonly id: string;
  readonly type: PackageType;
  readonly name: string;
  /** npm scope with @, Go module path's parent, distribution id; undefined where there is none. */
  readonly namespace?: string;
  /** Undefined where it cannot be known; then `unknownReason` says why. */
  readonly version: string | undefined;
  readonly unknownReason?: string;
  readonly purl: string;
  /** CPE 2.3 names (formatted strings, NISTIR 7695) that are known for sure, best first. */
  readonly cpes?: readonly string[];
  /** An application rather than a library (CycloneDX `type`): a program or runtime of its own. */
  readonly isApplication?: boolean;
  /** How it was found (CycloneDX `evidence.identity`); manifest-analysis where it is not said. */
  readonly technique?: "manifest-analysis" | "binary-analysis" | "filename" | "attestation";
  /** 0 to 1; 1 where it is not said. */
  readonly confidence?: number;
  /** Licences as the package states them: SPDX expression where it is one, else the names as written. */
  readonly licenses: readonly { readonly expression: string }[] | readonly { readonly name: string }[];
  /** Where the licences were read: a path within the image, or the name of a field of the evidence. */
  readonly licenseSource?: string;
  readonly supplier?: string;
  readonly description?: string;
  readonly homepage?: string;
  readonly hashes?: readonly {
    readonly algorithm: "MD5" | "SHA-1" | "SHA-256" | "SHA-384" | "SHA-512";
    readonly hex: string;
  }[];
  readonly occurrences: readonly Occurrence[];
  /** First layer in which this name and version appears. */
  readonly introducedIn: number;
  /** Layer that took it away; a container does not see it, and the layers before still ship it. */
  readonly removedIn?: number;
  /** Which cataloger found it. */
  readonly foundBy: string;
  /** Further facts, e.g. upstream source package. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Id of the distribution package that owns the evidence file, where one does and this is only a part of it. */
  readonly ownedBy?: string;
  /** What other catalogers call this package by the files that it owns. */
  readonly sameAs?: readonly OtherIdentity[];
}

/** One more name of a package: Debian's python3-requests is requests to pip. */
export interface OtherIdentity {
  readonly purl: string;
  readonly foundBy: string;
  readonly cpes: readonly string[];
  readonly technique: NonNullable<Package["technique"]>;
  readonly confidence: number;
}

/** `from` needs `to` (ids of packages). */
export interface Edge {
  readonly from: string;
  readonly to: string;
}

/** A stated gap: unreadable database, limit hit, file skipped. Never silent. */
export interface Unknown {
  readonly path: string;
  readonly layer: number;
  readonly reason: string;
}

/** Distribution of the image, from os-release. */
export interface Distro {
  readonly id: string;
  readonly versionId: string | undefined;
  readonly prettyName: string | undefined;
  readonly idLike: readonly string[];
}

export interface LayerFacts {
  readonly index: number;
  /** Digest of the blob as stored. */
  readonly digest: Digest;
  /** Digest of the uncompressed tar. */
  readonly diffId: Digest;
  /** History command that made it, where the config says. */
  readonly createdBy: string | undefined;
}
