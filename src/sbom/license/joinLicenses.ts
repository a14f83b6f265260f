import type { Package } from "#sbom/package.ts";
import { spdxExpression } from "#sbom/license/spdxExpression.ts";

type Licenses = Package["licenses"];

/** Several statements as one list: expressions while all are, else all as names in the order given. */
export const joinLicenses = (statements: readonly Licenses[]): Licenses => {
  const texts = statements.flatMap((one) => one.map((it) => ("expression" in it ? it.expression : it.name)));
  const distinct = [...new Set(texts)];
  const allExpressions = distinct.every((text) => spdxExpression(text) === text);
  return allExpressions ? distinct.map((expression) => ({ expression })) : distinct.map((name) => ({ name }));
};
