import { compareVersions, parseVersion } from "#sbom/python/compareVersions.ts";
import type { MarkerToken } from "#sbom/python/markerTokens.ts";
import { meetsVersion } from "#sbom/python/meetsVersion.ts";
import { normalizeName } from "#sbom/python/normalizeName.ts";

/** A variable's value: a text, or a version of which only the range is known, both ends included. */
export type MarkerValue = string | { readonly from: string; readonly to: string };

/** What is known of the interpreter, by PEP 508's variable names. Absent ones are not known. */
export type MarkerEnvironment = Readonly<Record<string, MarkerValue | undefined>>;

type Operand = Extract<MarkerToken, { readonly text: string }>;

const VERSIONS: ReadonlySet<string> = new Set(["python_version", "python_full_version", "implementation_version"]);
// PEP 345's spellings, which setuptools wrote for long.
const OLD_NAMES: ReadonlyMap<string, string> = new Map([
  ["os.name", "os_name"],
  ["sys.platform", "sys_platform"],
  ["platform.machine", "platform_machine"],
  ["platform.version", "platform_version"],
  ["platform.python_implementation", "platform_python_implementation"],
  ["python_implementation", "platform_python_implementation"],
]);
const MIRRORED: Readonly<Record<string, string>> = { "<": ">", "<=": ">=", ">": "<", ">=": "<=" };

/** Whether one comparison holds; undefined where it cannot be told. */
export const compareMarker = (
  left: Operand,
  operator: string,
  right: Operand,
  environment: MarkerEnvironment,
): boolean | undefined => {
  if (left.kind === right.kind) return undefined;
  const isMirrored = left.kind === "text";
  const [variable, literal] = isMirrored ? [right.text, left.text] : [left.text, right.text];
  const name = OLD_NAMES.get(variable) ?? variable;
  const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
  if (value === undefined) return undefined;
  if (operator === "in" || operator === "not in") return contains(value, operator, literal, isMirrored);
  const turned = isMirrored ? (MIRRORED[operator] ?? operator) : operator;
  if (VERSIONS.has(name)) return compareRange(value, turned, literal);
  return typeof value === "string" ? compareTexts(name, value, turned, literal) : undefined;
};

const contains = (value: MarkerValue, operator: string, literal: string, isMirrored: boolean): boolean | undefined => {
  if (typeof value !== "string") return undefined;
  const isIn = isMirrored ? value.includes(literal) : literal.includes(value);
  return operator === "in" ? isIn : !isIn;
};

const compareTexts = (name: string, value: string, operator: string, literal: string): boolean | undefined => {
  // Extras are names (PEP 685).
  const isSame = name === "extra" ? normalizeName(value) === normalizeName(literal) : value === literal;
  if (operator === "==" || operator === "===") return isSame;
  return operator === "!=" ? !isSame : undefined;
};

const compareRange = (value: MarkerValue, operator: string, literal: string): boolean | undefined => {
  if (typeof value === "string") return meetsVersion(value, operator, literal);
  const atFrom = meetsVersion(value.from, operator, literal);
  const atTo = meetsVersion(value.to, operator, literal);
  if (atFrom !== atTo) return undefined;
  return isWithin(value, literal) && !literal.endsWith(".*") ? undecidedWithin(operator, atFrom) : atFrom;
};

// A single version within the range: equality can hold between the ends though it does at neither.
const undecidedWithin = (operator: string, answer: boolean | undefined): boolean | undefined =>
  ["==", "===", "!="].includes(operator) ? undefined : answer;

const isWithin = ({ from, to }: { readonly from: string; readonly to: string }, literal: string): boolean => {
  const [low, high, want] = [parseVersion(from), parseVersion(to), parseVersion(literal)];
  if (low === undefined || high === undefined || want === undefined) return false;
  return compareVersions(want, low) >= 0 && compareVersions(want, high) <= 0;
};
