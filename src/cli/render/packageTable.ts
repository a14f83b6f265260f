import { printable } from "#cli/printable.ts";
import type { Package } from "#sbom/package.ts";

/** Packages as aligned columns, or one purl a line; sorted, each with a line feed at its end. */
export const packageTable = (packages: readonly Package[], list: "table" | "purls"): string => {
  if (list === "purls") return lines(packages.map(({ purl }) => purl).toSorted());
  const rows = packages.map(rowOf).toSorted(byText);
  const all = [["NAME", "VERSION", "TYPE", "LAYER", "LICENSES"], ...rows];
  const widths = [0, 1, 2, 3].map((column) => all.reduce((most, row) => Math.max(most, row[column]?.length ?? 0), 0));
  return lines(
    all.map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    ),
  );
};

const rowOf = (one: Package): readonly string[] => [
  fullName(one),
  one.version ?? "unknown",
  one.type,
  one.removedIn === undefined ? String(one.introducedIn) : `${one.introducedIn}, gone in ${one.removedIn}`,
  licensesOf(one),
];

// What a distribution adds up over all files of a source package can fill a screen; the document has it whole.
const MAX_LICENSES = 60;

const licensesOf = ({ licenses }: Package): string => {
  const text = licenses.map((one) => ("expression" in one ? one.expression : one.name)).join(", ");
  return text.length > MAX_LICENSES ? `${text.slice(0, MAX_LICENSES - 3)}...` : text;
};

/** npm's scope, PHP's vendor and Go's path belong to the name; Maven writes its group before a colon; a distribution does not. */
const fullName = ({ type, namespace, name }: Package): string => {
  if (namespace === undefined) return name;
  if (type === "maven") return `${namespace}:${name}`;
  return type === "npm" || type === "golang" || type === "composer" ? `${namespace}/${name}` : name;
};

const byText = (a: readonly string[], b: readonly string[]): number => (a.join(" ") < b.join(" ") ? -1 : 1);

const lines = (texts: readonly string[]): string => texts.map((text) => `${printable(text)}\n`).join("");
