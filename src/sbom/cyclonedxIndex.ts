import { digestHex, digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { readDocumentHead } from "#sbom/cyclonedx/readDocumentHead.ts";
import type { DocumentHead } from "#sbom/cyclonedx/readDocumentHead.ts";
import { serialNumber } from "#sbom/cyclonedx/serialNumber.ts";
import type { CycloneDxVersion } from "#sbom/cyclonedx/version.ts";
import { writeHash } from "#sbom/cyclonedx/writeHash.ts";
import { writeJson } from "#sbom/cyclonedx/writeJson.ts";
import { writeProperties } from "#sbom/cyclonedx/writeProperties.ts";
import { writeTools } from "#sbom/cyclonedx/writeTools.ts";
import { writePurl } from "#sbom/purl.ts";
import type { CarriedAttestation, IndexedSbom, SbomIndex } from "#sbom/sbomIndex.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * A CycloneDX document about an index of images: one component for each of them, linked to its own document by a BOM-Link and
 * the document's SHA-256, and to the attestations that the builder put beside it. UTF-8 JSON without line breaks; the bytes depend
 * on the arguments only.
 */
export const writeCycloneDxIndex = (index: SbomIndex, version: CycloneDxVersion, toolVersion: string): Uint8Array => {
  const root = indexRef(index.name, index.digest);
  // One image may stand in an index twice, for two platforms.
  const parts = [
    ...new Map(
      index.images
        .map((image) => ({ image, head: readDocumentHead(image.document) }))
        .map((part) => [part.head.ref, part] as const),
    ).values(),
  ];
  const refs = parts.map(({ head }) => head.ref);
  const body = {
    version: 1,
    metadata: writeMetadata(index, version, toolVersion, root, parts),
    components: parts.map(({ image, head }) => writeImage(index, image, head, version)),
    dependencies: [
      { ref: root, dependsOn: refs.toSorted() },
      ...refs.toSorted().map((ref) => ({ ref, dependsOn: [] })),
    ],
    compositions: [
      { aggregate: index.unknowns.length > 0 ? "incomplete" : "complete", assemblies: [root], dependencies: [root] },
    ],
  };
  const head = {
    $schema: `http://cyclonedx.org/schema/bom-${version}.schema.json`,
    bomFormat: "CycloneDX",
    specVersion: version,
  };
  const number = serialNumber(writeJson({ ...head, ...body }));
  return Buffer.from(writeJson({ ...head, serialNumber: number, ...body }));
};

const indexRef = (name: string, digest: Digest): string =>
  writePurl({ type: "oci", name: name.split("/").at(-1) || "image", version: digest });

const writeMetadata = (
  { name, digest, unknowns }: SbomIndex,
  version: CycloneDxVersion,
  toolVersion: string,
  root: string,
  parts: readonly { readonly head: DocumentHead }[],
): Fields => {
  // As old as the newest of its images: the index has no time of its own.
  const newest = parts
    .flatMap(({ head }) => head.timestamp ?? [])
    .toSorted()
    .at(-1);
  return {
    ...(newest === undefined ? {} : { timestamp: newest }),
    ...(version === "1.4" ? {} : { lifecycles: [{ phase: "post-build" }] }),
    tools: writeTools(version, toolVersion),
    component: {
      type: "container",
      "bom-ref": root,
      name: name === "" ? "image" : name,
      version: digest,
      hashes: [writeHash(digest)],
      purl: root,
      ...writeProperties([["index:images", String(parts.length)]]),
    },
    ...writeProperties(unknowns.map((reason) => ["unknown", reason] as const)),
  };
};

const writeImage = (
  index: SbomIndex,
  { document, attestations }: IndexedSbom,
  head: DocumentHead,
  version: CycloneDxVersion,
): Fields => ({
  type: "container",
  "bom-ref": head.ref,
  name: head.name,
  version: head.version,
  hashes: head.hashes,
  purl: head.ref,
  externalReferences: [
    {
      type: "bom",
      url: `urn:cdx:${head.serialNumber.slice("urn:uuid:".length)}/1`,
      comment: "its list of contents",
      hashes: [{ alg: "SHA-256", content: digestHex(digestOf(document)) }],
    },
    ...attestations.map((one) => writeAttestation(index.name, one, version)),
  ],
  ...(head.properties.length === 0 ? {} : { properties: head.properties }),
});

/** A purl that leads to the statement, without a host; 1.4 has no word for attestations. */
const writeAttestation = (
  name: string,
  { manifest, statement, predicateType }: CarriedAttestation,
  version: CycloneDxVersion,
): Fields => {
  const isSbom =
    predicateType !== undefined && /^https:\/\/(?:spdx\.dev\/Document|cyclonedx\.org\/bom)/.test(predicateType);
  const other = version === "1.4" ? "other" : "attestation";
  return {
    type: isSbom ? "bom" : other,
    url: `${indexRef(name, manifest)}#${statement}`,
    comment: `${predicateType ?? "a statement of no stated type"}, by the builder, not verified`,
    hashes: [writeHash(statement)],
  };
};
