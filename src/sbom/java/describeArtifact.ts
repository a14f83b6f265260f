import type { ArtifactFacts } from "#sbom/java/archiveFacts.ts";
import type { Occurrence, Package } from "#sbom/package.ts";
import { writePurl } from "#sbom/purl.ts";

// How sure a name is: papers of the project itself, then what is known of its Java package, then a guess.
const CONFIDENCE = {
  "pom.properties": 1,
  "pom.xml": 1,
  manifest: 0.8,
  "well-known package": 0.8,
  "guess from symbolic name": 0.4,
  "guess from package names": 0.4,
} as const;

/** An artifact as a package without an id of its own yet: `id` is its purl. INPUT_INVALID for an unusable name. */
export const describeArtifact = (facts: ArtifactFacts, place: Occurrence, introducedIn: number): Package => {
  const { group, artifact, version, groupFrom } = facts;
  const purl = writePurl({ type: "maven", namespace: group, name: artifact, version });
  const hashes = hashesOf(facts);
  const confidence = groupFrom === undefined ? 0.3 : CONFIDENCE[groupFrom];
  return {
    id: purl,
    type: "maven",
    name: artifact,
    ...(group === undefined ? {} : { namespace: group }),
    version,
    ...(version === undefined
      ? { unknownReason: "neither a pom, the manifest nor the file name states a version" }
      : {}),
    purl,
    technique: facts.nameFrom === "file name" ? "filename" : "manifest-analysis",
    confidence,
    licenses: facts.licenses,
    ...(facts.licenseFrom === undefined ? {} : { licenseSource: facts.licenseFrom }),
    ...(facts.supplier === undefined ? {} : { supplier: facts.supplier }),
    ...(facts.description === undefined ? {} : { description: facts.description }),
    ...(facts.homepage === undefined ? {} : { homepage: facts.homepage }),
    ...(hashes.length === 0 ? {} : { hashes }),
    occurrences: [place],
    introducedIn,
    foundBy: "java-archive",
    properties: {
      groupFrom: groupFrom ?? "nothing: the group is unknown",
      nameFrom: facts.nameFrom,
      ...(facts.embedded === true ? { shaded: "true" } : {}),
    },
  };
};

const hashesOf = ({ sha1, sha256 }: ArtifactFacts): NonNullable<Package["hashes"]> => [
  ...(sha1 === undefined ? [] : [{ algorithm: "SHA-1" as const, hex: sha1 }]),
  ...(sha256 === undefined ? [] : [{ algorithm: "SHA-256" as const, hex: sha256 }]),
];
