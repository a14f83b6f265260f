import { printable } from "#cli/printable.ts";
import type { Package } from "#sbom/package.ts";

/** Packages as aligned columns, or one purl a line; sorted, each with a line feed at its end. */
export const packageTable = (packages: readonly Package[], list: "table" | "purls"): string => {
  if (list === "purls") return lines(packages.map(({ purl }) => purl).toSorted());
  const rows = packages.map((one) => [fullName(one), one.version ?? "unknown", one.type]).toSorted(byText);
  const all = [["NAME", "VERSION", "TYPE"], ...rows];
  const widths = [0, 1].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return lines(
    all.map(
      ([name = "", version = "", type = ""]) =>
        `${name.padEnd(widths[0] ?? 0)}  ${version.padEnd(widths[1] ?? 0)}  ${type}`,
    ),
  );
};

/** npm's scope and Go's path belong to the name; a distribution does not. */
const fullName = ({ type, namespace, name }: Package): string =>
  namespace !== undefined && (type === "npm" || type === "golang") ? `${namespace}/${name}` : name;

const byText = (a: readonly string[], b: readonly string[]): number => (a.join(" ") < b.join(" ") ? -1 : 1);

const lines = (texts: readonly string[]): string => texts.map((text) => `${printable(text)}\n`).join("");
