import { existsSync, readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Inputs that a target once failed on: `regressions/NAME/*.hex`, hex digits with any white space, `#` lines say why. */
export const regressionInputs = (name: string): readonly Uint8Array[] => {
  const folder = new URL(`regressions/${name}/`, import.meta.url);
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => file.endsWith(".hex"));
  return files.toSorted().map((file) => readHex(fileURLToPath(new URL(file, folder))));
};

const readHex = (file: string): Uint8Array => {
  const digits = readFileSync(file, "utf8").replace(/^#.*$/gm, "").replace(/\s+/g, "");
  if (!/^(?:[0-9a-f]{2})*$/i.test(digits)) throw new TypeError(`${file} is no hex`);
  return Buffer.from(digits, "hex");
};
