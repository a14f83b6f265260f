import { joinLicenses } from "#sbom/license/joinLicenses.ts";
import { readLicense } from "#sbom/license/readLicense.ts";
import { urlLicense } from "#sbom/license/urlLicense.ts";
import { plainText } from "#sbom/plainText.ts";
import type { JarManifest } from "#sbom/java/readJarManifest.ts";
import type { ResolvedPom } from "#sbom/java/resolvePom.ts";
import type { Package } from "#sbom/package.ts";

/** Licences and the paper that states them: the pom, else the manifest. */
export const readJarLicenses = (
  pom: ResolvedPom | undefined,
  manifest: JarManifest,
): { readonly licenses: Package["licenses"]; readonly licenseFrom?: string } => {
  const fromPom = joinLicenses((pom?.licenses ?? []).map(pomLicense));
  if (fromPom.length > 0) return { licenses: fromPom, licenseFrom: "pom.xml" };
  for (const header of ["Bundle-License", "Plugin-License-Name"]) {
    const licenses = bundleLicenses(manifest.get(header.toLowerCase()) ?? "");
    if (licenses.length > 0) return { licenses, licenseFrom: header };
  }
  return { licenses: [] };
};

const pomLicense = ({ name, url }: ResolvedPom["licenses"][number]): Package["licenses"] => {
  const known = name === undefined ? [] : statement(name);
  if (known.some((one) => "expression" in one)) return known;
  const byUrl = url === undefined ? undefined : urlLicense(url);
  return byUrl === undefined ? (known.length > 0 ? known : statement(url ?? "")) : [{ expression: byUrl }];
};

// OSGi Core 3.2.1.11: clauses between commas, attributes after semicolons; many write a name with commas, or addresses.
const bundleLicenses = (header: string): Package["licenses"] => {
  const text = plainText(header, 2000) ?? "";
  const whole = statement(text);
  if (whole.some((one) => "expression" in one) || !/[;,]/.test(text)) return whole;
  const clauses = splitClauses(text);
  const [first = ""] = clauses;
  if (clauses.length > 1 && !/[;"]|:\/\//.test(text)) return whole;
  return clauses.length === 1
    ? statement(firstPart(first))
    : joinLicenses(clauses.map((clause) => statement(firstPart(clause))));
};

const splitClauses = (text: string): readonly string[] => {
  const clauses: string[] = [];
  let quoted = false;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') quoted = !quoted;
    else if (text[at] === "," && !quoted) {
      clauses.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...clauses, text.slice(start)].map((clause) => clause.trim()).filter((clause) => clause !== "");
};

// An identifier that is no known licence may be explained by a link to one.
const firstPart = (clause: string): string => {
  const identifier = (clause.split(";")[0] ?? "").trim().replace(/^"(.*)"$/, "$1");
  const link = /;\s*link\s*=\s*"?([^";\s]{1,200})/.exec(clause)?.[1];
  const known = statement(identifier).some((one) => "expression" in one);
  return known || link === undefined || urlLicense(link) === undefined ? identifier : link;
};

const statement = (text: string): Package["licenses"] => {
  const known = urlLicense(text);
  return known === undefined ? readLicense(plainText(text, 500)) : [{ expression: known }];
};
