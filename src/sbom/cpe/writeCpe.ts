/** What is said of a product; everything else of a CPE name stays open. */
export interface CpeParts {
  readonly vendor: string;
  readonly product: string;
  readonly version: string;
  /** What it runs in: `node.js`, `python`. */
  readonly targetSoftware?: string | undefined;
}

// No real name comes near it; NVD's longest are below 100.
const MAX_LENGTH = 200;

/**
 * A CPE 2.3 name of an application as a formatted string (NISTIR 7695, 6.2): small letters, white space as `_`, and a backslash
 * before everything else that is no letter, digit, `.`, `-` or `_`. Undefined where a part is empty, or cannot be said in
 * printable ASCII as a name must be.
 */
export const writeCpe = ({ vendor, product, version, targetSoftware }: CpeParts): string | undefined => {
  const named = [vendor, product, version].map(writeValue);
  const target = targetSoftware === undefined ? "*" : writeValue(targetSoftware);
  if (target === undefined || named.includes(undefined)) return undefined;
  return ["cpe:2.3:a", ...named, "*", "*", "*", "*", target, "*", "*"].join(":");
};

const writeValue = (text: string): string | undefined => {
  if (text === "" || text.length > MAX_LENGTH || !/^[\t\n\r\x20-\x7e]*$/.test(text)) return undefined;
  const value = text
    .toLowerCase()
    .replace(/\s/g, "_")
    .replace(/[^a-z0-9._-]/g, (character) => `\\${character}`);
  // On its own it would mean "not applicable".
  return value === "-" ? "\\-" : value;
};
