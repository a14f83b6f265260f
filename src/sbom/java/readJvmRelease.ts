import { linesOf } from "#sbom/linesOf.ts";
import { plainText } from "#sbom/plainText.ts";

/** What the file `release` in a Java runtime's home says of it. */
export interface JvmRelease {
  /** As exact as it is stated: `21.0.4+7-LTS`, `1.8.0_422-b05`. */
  readonly version: string;
  /** JAVA_VERSION, `21.0.4`. */
  readonly javaVersion: string;
  readonly implementor?: string;
  readonly isCommercial: boolean;
  readonly isJdk: boolean;
  readonly architecture?: string;
  readonly source?: string;
}

const VERSION = /^[0-9][0-9A-Za-z._+-]{0,99}$/;
const PAIR = /^([A-Z][A-Z_]{0,40})="?([^"]*)"?$/;

/**
 * Reads a Java runtime's `release` (KEY="value", JEP 223). Undefined for a file that states no Java version: many programs
 * have a file of that name.
 */
export const readJvmRelease = (bytes: Buffer): JvmRelease | undefined => {
  const values = new Map<string, string>();
  for (const line of linesOf(bytes.toString("utf8"))) {
    const pair = line.length > 2000 ? null : PAIR.exec(line.trim());
    const value = plainText(pair?.[2], 200);
    if (pair?.[1] !== undefined && value !== undefined) values.set(pair[1], value);
  }
  const stated = (key: string): string | undefined => {
    const value = values.get(key);
    return value !== undefined && VERSION.test(value) ? value : undefined;
  };
  const java = stated("JAVA_VERSION") ?? stated("JAVA_RUNTIME_VERSION");
  if (java === undefined) return undefined;
  const full = stated("FULL_VERSION");
  const [implementor, architecture, source] = ["IMPLEMENTOR", "OS_ARCH", "SOURCE"].map((key) => values.get(key));
  return {
    // FULL_VERSION is that of the build's vendor in some builds.
    version: stated("JAVA_RUNTIME_VERSION") ?? (full !== undefined && majorOf(full) === majorOf(java) ? full : java),
    javaVersion: java,
    ...(implementor === undefined ? {} : { implementor }),
    isCommercial: values.get("BUILD_TYPE") === "commercial",
    isJdk: values.get("IMAGE_TYPE") === "JDK" || values.get("MODULES")?.includes("jdk.compiler") === true,
    ...(architecture === undefined ? {} : { architecture }),
    ...(source === undefined ? {} : { source }),
  };
};

const majorOf = (version: string): string => /^(?:1\.)?(\d+)/.exec(version)?.[1] ?? version;
