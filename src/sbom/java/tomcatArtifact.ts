import type { JarManifest } from "#sbom/java/readJarManifest.ts";

// Tomcat's distribution strips the artifacts' prefix from file names (org.apache.tomcat on Maven Central).
const STRIPPED: ReadonlySet<string> = new Set(
  `annotations-api catalina catalina-ant catalina-ha catalina-ssi catalina-storeconfig catalina-tribes el-api jasper
   jasper-el jaspic-api jsp-api servlet-api storeconfig tribes websocket-api websocket-client-api`.split(/\s+/),
);

/** The artifact's name on Maven Central for a jar of a Tomcat distribution; the name given for all others. */
export const tomcatArtifact = (artifact: string, manifest: JarManifest): string =>
  STRIPPED.has(artifact) && manifest.get("implementation-title") === "Apache Tomcat" ? `tomcat-${artifact}` : artifact;
