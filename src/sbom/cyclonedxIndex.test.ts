import { describe, expect, it } from "vitest";
import { digestHex, digestOf } from "#core/digest.ts";
import { parseStrict } from "#core/strictJson.ts";
import { writeCycloneDx } from "#sbom/cyclonedx.ts";
import { writeCycloneDxIndex } from "#sbom/cyclonedxIndex.ts";
import type { CycloneDxVersion } from "#sbom/cyclonedx/version.ts";
import type { SbomIndex } from "#sbom/sbomIndex.ts";
import { codeOf } from "../../test/fakes/codeOf.ts";
import { schemaErrors } from "../../test/fakes/cyclonedxSchema.ts";

const VERSIONS = ["1.4", "1.5", "1.6"] as const;

const documentOf = (architecture: string, created: string, version: CycloneDxVersion = "1.6"): Uint8Array =>
  writeCycloneDx(
    {
      image: {
        name: "team/shop",
        digest: digestOf(architecture),
        platform: { os: "linux", architecture },
        configDigest: digestOf("config"),
        created,
      },
      distro: undefined,
      base: undefined,
      layers: [],
      packages: [],
      edges: [],
      unknowns: [],
      completeness: {},
      gaps: {},
      direct: [],
    },
    version,
    "0.1.0",
  );

const indexOf = (version: CycloneDxVersion = "1.6", more: Partial<SbomIndex> = {}): SbomIndex => ({
  name: "team/shop",
  digest: digestOf("index"),
  images: [
    {
      document: documentOf("amd64", "2025-01-02T00:00:00Z", version),
      attestations: [
        { manifest: digestOf("m"), statement: digestOf("spdx"), predicateType: "https://spdx.dev/Document" },
        { manifest: digestOf("m"), statement: digestOf("slsa"), predicateType: "https://slsa.dev/provenance/v1" },
        { manifest: digestOf("m"), statement: digestOf("odd"), predicateType: undefined },
      ],
    },
    { document: documentOf("arm64", "2025-01-03T00:00:00Z", version), attestations: [] },
  ],
  unknowns: [],
  ...more,
});

const write = (index: SbomIndex, version: CycloneDxVersion = "1.6") => {
  const bytes = writeCycloneDxIndex(index, version, "0.1.0");
  parseStrict(bytes, "document");
  return JSON.parse(Buffer.from(bytes).toString()) as Record<string, never>;
};

describe("writeCycloneDxIndex", () => {
  it.each(VERSIONS)("is valid under the schema of %s, full and empty", (version) => {
    const errors = schemaErrors(version);
    expect(errors(write(indexOf(version), version))).toEqual([]);
    expect(errors(write(indexOf(version, { images: [], unknowns: ["gone"] }), version))).toEqual([]);
    expect(errors({ ...write(indexOf(version), version), components: [{ name: "x" }] })).not.toEqual([]);
  });

  it("links each image to its document, by number and by content, and to what the builder attests", () => {
    const index = indexOf();
    const document = write(index);
    const [amd64, arm64] = index.images.map(
      (one) => JSON.parse(Buffer.from(one.document).toString()) as { serialNumber: string },
    );
    const ref = (architecture: string): string => `pkg:oci/shop@${digestOf(architecture)}?arch=${architecture}`;
    const root = `pkg:oci/shop@${digestOf("index")}`;
    const link = (of: { serialNumber: string } | undefined, at: number) => ({
      type: "bom",
      url: `urn:cdx:${of?.serialNumber.replace("urn:uuid:", "")}/1`,
      comment: "its list of contents",
      hashes: [{ alg: "SHA-256", content: digestHex(digestOf(index.images[at]?.document ?? "")) }],
    });
    const attested = (type: string, name: string, comment: string) => ({
      type,
      url: `pkg:oci/shop@${digestOf("m")}#${digestOf(name)}`,
      comment: `${comment}, by the builder, not verified`,
      hashes: [{ alg: "SHA-256", content: digestHex(digestOf(name)) }],
    });
    expect(document).toMatchObject({
      metadata: {
        timestamp: "2025-01-03T00:00:00Z",
        component: { type: "container", "bom-ref": root, version: digestOf("index"), purl: root },
      },
      components: [
        {
          type: "container",
          "bom-ref": ref("amd64"),
          version: digestOf("amd64"),
          externalReferences: [
            link(amd64, 0),
            attested("bom", "spdx", "https://spdx.dev/Document"),
            attested("attestation", "slsa", "https://slsa.dev/provenance/v1"),
            attested("attestation", "odd", "a statement of no stated type"),
          ],
        },
        { "bom-ref": ref("arm64"), externalReferences: [link(arm64, 1)] },
      ],
      dependencies: [
        { ref: root, dependsOn: [ref("amd64"), ref("arm64")].toSorted() },
        { dependsOn: [] },
        { dependsOn: [] },
      ],
      compositions: [{ aggregate: "complete", assemblies: [root], dependencies: [root] }],
    });
  });

  it("names an image once that is there for two platforms, and says what could not be read", () => {
    const { images } = indexOf();
    const document = write(indexOf("1.6", { images: [...images, ...images], unknowns: ["gone"] }));
    expect(document["components"]).toHaveLength(2);
    expect(document["metadata"]).toMatchObject({ properties: [{ name: "waybill:unknown", value: "gone" }] });
    expect(document["compositions"]).toMatchObject([{ aggregate: "incomplete" }]);
  });

  it("gives the same bytes for the same documents, and refuses others", () => {
    expect(writeCycloneDxIndex(indexOf(), "1.6", "0.1.0")).toEqual(writeCycloneDxIndex(indexOf(), "1.6", "0.1.0"));
    for (const text of ["{}", "no"]) {
      const images = [{ document: Buffer.from(text), attestations: [] }];
      expect(codeOf(() => writeCycloneDxIndex(indexOf("1.6", { images }), "1.6", "0.1.0"))).toBe("INPUT_INVALID");
    }
  });
});
