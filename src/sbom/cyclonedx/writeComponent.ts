import type { CycloneDxVersion } from "#sbom/cyclonedx/version.ts";
import { writeLicenses } from "#sbom/cyclonedx/writeLicenses.ts";
import { writeParty } from "#sbom/cyclonedx/writeParty.ts";
import { writeProperties } from "#sbom/cyclonedx/writeProperties.ts";
import { writeReferences } from "#sbom/cyclonedx/writeReferences.ts";
import { compareText } from "#sbom/compareText.ts";
import type { Distro, Package } from "#sbom/package.ts";

type Component = Readonly<Record<string, unknown>>;

/** A package as a component. Fields in the schema's order; what is not known is left out. */
export const writeComponent = (found: Package, version: CycloneDxVersion): Component => ({
  type: "library",
  "bom-ref": found.id,
  ...writeParty(found, version),
  ...writeName(found),
  ...(found.version === undefined ? {} : { version: found.version }),
  ...(found.description === undefined ? {} : { description: found.description }),
  ...writeHashes(found),
  ...writeLicenses(found.licenses, version),
  purl: found.purl,
  ...writeReferences(found),
  ...writeComponentProperties(found, version),
  ...writeEvidence(found, version),
});

/** The distribution: scanners find nothing without it (reference 1.2). */
export const writeSystem = (distro: Distro): Component => ({
  type: "operating-system",
  "bom-ref": systemRef(distro),
  name: distro.id,
  ...(distro.versionId === undefined ? {} : { version: distro.versionId }),
  ...(distro.prettyName === undefined ? {} : { description: distro.prettyName }),
});

export const systemRef = (distro: Distro): string => `os:${distro.id}@${distro.versionId ?? ""}`;

// Go knows modules by their whole path; npm's scope is a group; a distribution is none.
const writeName = (found: Package): Component => {
  const { type, namespace, name } = found;
  if (namespace === undefined || type === "deb" || type === "apk") return { name };
  return type === "npm" ? { group: namespace, name } : { name: `${namespace}/${name}` };
};

const writeHashes = ({ hashes = [] }: Package): Component =>
  hashes.length === 0 ? {} : { hashes: hashes.map(({ algorithm, hex }) => ({ alg: algorithm, content: hex })) };

const writeComponentProperties = (found: Package, version: CycloneDxVersion): Component => {
  const own = Object.entries(found.properties ?? {}).toSorted(([a], [b]) => compareText(a, b));
  const places = version === "1.4" ? found.occurrences : [];
  return writeProperties([
    ["layer:introducedIn", String(found.introducedIn)],
    ...places.map(({ path }, index) => [`location:${index}`, `/${path}`] as const),
    ["package:foundBy", found.foundBy],
    ["package:ownedBy", found.ownedBy],
    ...(found.sameAs ?? []).flatMap(({ purl, foundBy }) => [
      ["package:sameAs", purl] as const,
      ["package:sameAs:foundBy", foundBy] as const,
    ]),
    ...own.map(([name, value]) => [`package:${name}`, value] as const),
    ["package:type", found.type],
    ["package:unknownReason", found.unknownReason],
  ]);
};

const writeEvidence = (found: Package, version: CycloneDxVersion): Component => {
  if (version === "1.4") return {};
  const technique = found.foundBy === "go-binary" ? "binary-analysis" : "manifest-analysis";
  const identity = { field: "purl", confidence: 1, methods: [{ technique, confidence: 1 }] };
  const occurrences = [...new Set(found.occurrences.map(({ path }) => path))].map((path) => ({ location: `/${path}` }));
  // 1.6 takes a list and deprecates the single object, which is all that 1.5 knows.
  return { evidence: { identity: version === "1.5" ? identity : [identity], occurrences } };
};
