import { isLicenseId } from "#sbom/cyclonedx/isLicenseId.ts";
import type { CycloneDxVersion } from "#sbom/cyclonedx/version.ts";
import type { Package } from "#sbom/package.ts";

type Acknowledged = { readonly acknowledgement?: "declared" };
type LicenseChoice =
  | { readonly license: ({ readonly id: string } | { readonly name: string }) & Acknowledged }
  | ({ readonly expression: string } & Acknowledged);

/**
 * `licenses` of a component: a list of licences, or one expression; before 1.7 the schema forbids both together (reference
 * 4.16). Several expressions are all meant, hence AND.
 */
export const writeLicenses = (
  licenses: Package["licenses"],
  version: CycloneDxVersion,
): { readonly licenses?: readonly LicenseChoice[] } => {
  const texts = [...new Set(licenses.map((one) => ("expression" in one ? one.expression : one.name)))];
  if (texts.length === 0) return {};
  const acknowledged: Acknowledged = version === "1.6" ? { acknowledgement: "declared" } : {};
  const areExpressions = licenses.every((one) => "expression" in one);
  if (areExpressions && texts.some((text) => text.includes(" "))) {
    return { licenses: [{ expression: joinExpressions(texts), ...acknowledged }] };
  }
  return {
    licenses: texts.map((text) => ({
      license: { ...(isLicenseId(text, version) ? { id: text } : { name: text }), ...acknowledged },
    })),
  };
};

const joinExpressions = (texts: readonly string[]): string => {
  const [only] = texts;
  if (texts.length === 1 && only !== undefined) return only;
  return texts.map((text) => (text.includes(" ") ? `(${text})` : text)).join(" AND ");
};
