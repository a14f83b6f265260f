import { joinLicenses } from "#sbom/license/joinLicenses.ts";
import { readLicense } from "#sbom/license/readLicense.ts";
import type { Occurrence, Package } from "#sbom/package.ts";
import { writePurl } from "#sbom/purl.ts";
import type { GemspecPlace } from "#sbom/ruby/locateGemspec.ts";
import type { Gemspec } from "#sbom/ruby/readGemspec.ts";

/** A gem by its gemspec. */
export const describePackage = (
  spec: Gemspec & { readonly name: string },
  evidence: { readonly place: Occurrence; readonly located: GemspecPlace; readonly introducedIn: number },
): Package => {
  const { name, version, platform } = spec;
  const purl = writePurl({ type: "gem", name, version, qualifiers: { platform } });
  const licenses = joinLicenses(spec.licenses.map(readLicense));
  return {
    id: purl,
    type: "gem",
    name,
    version,
    ...(version === undefined ? { unknownReason: "the gemspec states no version in so many words" } : {}),
    purl,
    licenses,
    ...(licenses.length === 0 ? {} : { licenseSource: "licenses" }),
    ...(spec.authors === undefined ? {} : { supplier: spec.authors }),
    ...(spec.summary === undefined ? {} : { description: spec.summary }),
    ...(spec.homepage === undefined ? {} : { homepage: spec.homepage }),
    occurrences: [evidence.place],
    introducedIn: evidence.introducedIn,
    foundBy: "ruby",
    ...propertiesOf(evidence.located),
  };
};

const propertiesOf = ({ kind, revision }: GemspecPlace): Pick<Package, "properties"> => {
  if (kind === "default") return { properties: { default: "true" } };
  return revision === undefined ? {} : { properties: { revision } };
};
