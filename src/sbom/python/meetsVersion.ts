import { compareVersions, parseVersion } from "#sbom/python/compareVersions.ts";
import type { PythonVersion } from "#sbom/python/compareVersions.ts";

/**
 * Whether a version meets one clause of a specifier (PEP 440, "Version specifiers"), e.g. `>=` and `3.8` or `==` and `3.*`.
 * Undefined where the text is no version or the operator knows none.
 */
export const meetsVersion = (version: string, operator: string, text: string): boolean | undefined => {
  if (operator === "===") return version === text;
  const isPrefix = text.endsWith(".*");
  const [have, want] = [parseVersion(version), parseVersion(isPrefix ? text.slice(0, -2) : text)];
  if (have === undefined || want === undefined) return undefined;
  if (isPrefix) return meetsPrefix(have, operator, want);
  const order = compareVersions(have, want);
  switch (operator) {
    case "==":
      return order === 0;
    case "!=":
      return order !== 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    case "~=":
      return want.release.length > 1 && order >= 0 && startsWith(have, want.epoch, want.release.slice(0, -1));
    default:
      return undefined;
  }
};

const meetsPrefix = (have: PythonVersion, operator: string, want: PythonVersion): boolean | undefined => {
  const isSame = startsWith(have, want.epoch, want.release);
  return operator === "==" ? isSame : operator === "!=" ? !isSame : undefined;
};

const startsWith = (version: PythonVersion, epoch: number, release: readonly number[]): boolean =>
  version.epoch === epoch && release.every((part, index) => (version.release[index] ?? 0) === part);
