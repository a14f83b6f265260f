import { isOfBase } from "#sbom/cyclonedx/isOfBase.ts";
import type { CycloneDxVersion } from "#sbom/cyclonedx/version.ts";
import { writeLicenses } from "#sbom/cyclonedx/writeLicenses.ts";
import { writeParty } from "#sbom/cyclonedx/writeParty.ts";
import { writeProperties } from "#sbom/cyclonedx/writeProperties.ts";
import { writeReferences } from "#sbom/cyclonedx/writeReferences.ts";
import { compareText } from "#sbom/compareText.ts";
import { deriveCpes } from "#sbom/cpe/deriveCpes.ts";
import type { BaseImage } from "#sbom/findBase.ts";
import type { Distro, OtherIdentity, Package, PackageType } from "#sbom/package.ts";

type Component = Readonly<Record<string, unknown>>;

/** A package as a component. Fields in the schema's order; what is not known is left out. */
export const writeComponent = (found: Package, version: CycloneDxVersion, base: BaseImage | undefined): Component => ({
  type: found.isApplication === true ? "application" : "library",
  "bom-ref": found.id,
  ...writeParty(found, version),
  ...writeName(found),
  ...(found.version === undefined ? {} : { version: found.version }),
  ...writeDescription(found),
  ...writeHashes(found),
  ...writeLicenses(found.licenses, version),
  ...writeCpe(found),
  purl: found.purl,
  ...writeReferences(found),
  ...writeComponentProperties(found, version, base),
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

// Go knows modules by their whole path; npm's scope, Maven's and PHP's vendor are a group; a distribution is none.
const writeName = (found: Package): Component => {
  const { type, namespace, name } = found;
  if (namespace === undefined || DISTRIBUTIONS.has(type)) return { name };
  return type === "golang" ? { name: `${namespace}/${name}` } : { group: namespace, name };
};

const DISTRIBUTIONS: ReadonlySet<PackageType> = new Set(["apk", "deb", "rpm"]);

// Some packages have their whole manual there.
const MAX_DESCRIPTION = 500;

const writeDescription = ({ description }: Package): Component => {
  if (description === undefined) return {};
  const isCut = description.length > MAX_DESCRIPTION;
  return { description: isCut ? `${description.slice(0, MAX_DESCRIPTION)}...` : description };
};

const writeCpe = (found: Package): Component => {
  const [first] = cpesOf(found);
  return first === undefined ? {} : { cpe: first };
};

const cpesOf = (found: Package): readonly string[] => found.cpes ?? deriveCpes(found);

const writeHashes = ({ hashes = [] }: Package): Component =>
  hashes.length === 0 ? {} : { hashes: hashes.map(({ algorithm, hex }) => ({ alg: algorithm, content: hex })) };

const writeComponentProperties = (
  found: Package,
  version: CycloneDxVersion,
  base: BaseImage | undefined,
): Component => {
  const own = Object.entries(found.properties ?? {}).toSorted(([a], [b]) => compareText(a, b));
  const places = version === "1.4" ? found.occurrences : [];
  const cpes = cpesOf(found);
  return writeProperties([
    ...cpes.slice(1).map((cpe) => ["cpe", cpe] as const),
    ["cpe:source", cpes.length === 0 ? undefined : found.cpes === undefined ? "derived" : "known"],
    ["layer:base", isOfBase(base, found.introducedIn)],
    ["layer:introducedIn", String(found.introducedIn)],
    ["license:source", found.licenses.length === 0 ? undefined : found.licenseSource],
    ["layer:removedIn", found.removedIn === undefined ? undefined : String(found.removedIn)],
    ...places.map(({ path }, index) => [`location:${index}`, `/${path}`] as const),
    ["package:foundBy", found.foundBy],
    ["package:ownedBy", found.ownedBy],
    ...(found.sameAs ?? []).flatMap(writeIdentity),
    ...own.map(([name, value]) => [`package:${name}`, value] as const),
    ["package:type", found.type],
    ["package:unknownReason", found.unknownReason],
  ]);
};

// Not as `cpe`: of a distribution's package that would be a false alarm for every fault that it has mended.
const writeIdentity = ({ purl, foundBy, cpes }: OtherIdentity): readonly (readonly [string, string])[] => [
  ["package:sameAs", purl],
  ["package:sameAs:foundBy", foundBy],
  ...cpes.map((cpe) => ["package:sameAs:cpe", cpe] as const),
];

const writeEvidence = (found: Package, version: CycloneDxVersion): Component => {
  if (version === "1.4") return {};
  const { confidence = 1, technique = "manifest-analysis", sameAs = [] } = found;
  const methods = new Map([[technique, confidence], ...sameAs.map((one) => [one.technique, one.confidence] as const)]);
  const identity = {
    field: "purl",
    confidence,
    methods: [...methods].map(([name, sureness]) => ({ technique: name, confidence: sureness })),
  };
  const occurrences = [...new Set(found.occurrences.map(({ path }) => path))].map((path) => ({ location: `/${path}` }));
  // 1.6 takes a list and deprecates the single object, which is all that 1.5 knows.
  return { evidence: { identity: version === "1.5" ? identity : [identity], occurrences } };
};
