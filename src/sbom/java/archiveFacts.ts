import type { MavenDependency } from "#sbom/java/resolvePom.ts";
import type { Package } from "#sbom/package.ts";

/** What a reducer keeps of one archive: the packages in it, down through the archives it holds. JSON. */
export interface ArchiveFacts {
  readonly artifacts: readonly ArtifactFacts[];
  readonly gaps: readonly { readonly path: string; readonly reason: string }[];
}

/** How a fact became known: `guess` is from names alone. */
export type GroupSource =
  | "pom.properties"
  | "pom.xml"
  | "manifest"
  | "well-known package"
  | "guess from symbolic name"
  | "guess from package names";

/** One package within an archive. */
export interface ArtifactFacts {
  /** Where in the file: "" is itself, `BOOT-INF/lib/x.jar`, or `META-INF/maven/g/a` of one that was folded into it. */
  readonly path: string;
  /** Index of the artifact whose archive holds this one. */
  readonly parent?: number;
  /** Folded into its parent (shaded): no archive of its own. */
  readonly embedded?: true;
  readonly group?: string;
  readonly artifact: string;
  readonly version?: string;
  readonly groupFrom?: GroupSource;
  readonly nameFrom: "pom.properties" | "pom.xml" | "manifest" | "file name";
  readonly sha1?: string;
  readonly sha256?: string;
  readonly licenses: Package["licenses"];
  readonly licenseFrom?: string;
  readonly supplier?: string;
  readonly description?: string;
  readonly homepage?: string;
  readonly dependencies: readonly MavenDependency[];
}
