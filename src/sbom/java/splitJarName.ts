/** What a file name says: `commons-io-2.16.1.jar` is commons-io of version 2.16.1. */
export interface JarName {
  readonly artifact: string;
  readonly version: string | undefined;
  /** What follows the version: `sources`, `linux-x86_64`. */
  readonly classifier?: string;
}

const MAX_NAME = 200;
const STARTS_VERSION = /^(?:v?\d|build\d|rc?\d)/;
// Words that belong to a version though they begin with a letter.
const QUALIFIER =
  /^(?:alpha|beta|b|m|milestone|rc|cr|sp|ga|final|release|snapshot|stable|pre|preview|dev|ea|incubating|redhat|build|jre|jdk|jre\d+|jdk\d+|java\d+|android|jbossorg|atlassian|hotfix|patch|p|r|native|ee\d*|h\d*|hadoop\d*|v)[\d.]*$/i;
const CLASSIFIER =
  /^(?:sources|javadoc|tests?|all|bundle|shaded|uber|fat|bare|full|standalone|nodep|with|jar|executable|exec|boot|plain|runner|deps?|no_aop|groovyless|linux|osx|windows|macos|mac|win|darwin|alpine)(?:[-_].*)?$/i;

/**
 * Splits a file name (no directory) into artifact and version: the version begins at the first token after a dash that
 * begins with a digit, unless a word that is no part of a version and another number follow (`hibernate-jpa-2.1-api-1.0.2`).
 */
export const splitJarName = (fileName: string): JarName => {
  const dot = fileName.lastIndexOf(".");
  const stem = (dot > 0 ? fileName.slice(0, dot) : fileName).slice(0, MAX_NAME);
  return splitAt(stem, "-") ?? splitAt(stem, "_") ?? { artifact: stem, version: undefined };
};

const splitAt = (stem: string, separator: string): JarName | undefined => {
  const tokens = stem.split(separator);
  const at = versionToken(tokens);
  if (at < 1) return undefined;
  const rest = tokens.slice(at);
  // At least one token is the version.
  const tail = rest.findIndex((token, index) => index > 0 && CLASSIFIER.test(token));
  const version = (tail < 0 ? rest : rest.slice(0, tail)).join(separator);
  const artifact = tokens.slice(0, at).join(separator);
  return { artifact, version, ...(tail < 0 ? {} : { classifier: rest.slice(tail).join(separator) }) };
};

const versionToken = (tokens: readonly string[]): number => {
  let at = tokens.findIndex((token, index) => index > 0 && STARTS_VERSION.test(token));
  let word = false;
  for (let index = at + 1; at > 0 && index < tokens.length; index++) {
    const token = tokens[index] ?? "";
    if (CLASSIFIER.test(token)) break;
    if (word && /^\d/.test(token)) {
      at = index;
      word = false;
    } else if (!/^\d/.test(token) && !QUALIFIER.test(token)) word = true;
  }
  return at;
};
