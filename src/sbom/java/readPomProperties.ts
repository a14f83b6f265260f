import { linesOf } from "#sbom/linesOf.ts";
import { plainWord } from "#sbom/java/plainWord.ts";

/** A Maven project's name, as far as it is stated. */
export interface MavenName {
  readonly group?: string;
  readonly artifact?: string;
  readonly version?: string;
}

const PAIR = /^\s*(groupId|artifactId|version)\s*[=:]\s*(\S{1,200})\s*$/;
const KEYS = { groupId: "group", artifactId: "artifact", version: "version" } as const;

/** Reads what Maven's archiver writes to META-INF/maven/GROUP/ARTIFACT/pom.properties; of a key that comes twice the last counts. */
export const readPomProperties = (bytes: Buffer): MavenName => {
  const found: { group?: string; artifact?: string; version?: string } = {};
  for (const line of linesOf(bytes.toString("latin1"))) {
    const pair = line.length > 1000 ? null : PAIR.exec(line);
    const value = plainWord(pair?.[2]);
    if (pair !== null && value !== undefined) found[KEYS[pair[1] as keyof typeof KEYS]] = value;
  }
  return found;
};
