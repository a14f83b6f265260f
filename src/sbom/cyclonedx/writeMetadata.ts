import type { CycloneDxVersion } from "#sbom/cyclonedx/version.ts";
import { writeEcosystems } from "#sbom/cyclonedx/writeEcosystems.ts";
import { writeHash } from "#sbom/cyclonedx/writeHash.ts";
import { writeProperties } from "#sbom/cyclonedx/writeProperties.ts";
import { isOfBase } from "#sbom/cyclonedx/isOfBase.ts";
import { writeTools } from "#sbom/cyclonedx/writeTools.ts";
import { writePurl } from "#sbom/purl.ts";
import type { Sbom, SbomImage } from "#sbom/sbom.ts";

type Fields = Readonly<Record<string, unknown>>;

/** `metadata`: when and by what the document was made, and the image as its root component. */
export const writeMetadata = (sbom: Sbom, version: CycloneDxVersion, toolVersion: string): Fields => {
  const timestamp = writeTime(sbom.image.created);
  return {
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(version === "1.4" ? {} : { lifecycles: [{ phase: "post-build" }] }),
    tools: writeTools(version, toolVersion),
    component: writeRoot(sbom),
    ...writeProperties([
      ...writeEcosystems(sbom),
      ...sbom.unknowns.map(({ path, layer, reason }) => ["unknown", `/${path} in layer ${layer}: ${reason}`] as const),
    ]),
  };
};

/** bom-ref of the root component: the purl of the image. Tag and host are in it only where the image says so. */
export const rootRef = (image: SbomImage): string =>
  writePurl({
    type: "oci",
    // The specification takes the last segment of the repository's path.
    name: image.name.split("/").at(-1) || "image",
    version: image.digest,
    qualifiers: { arch: image.platform.architecture, repository_url: image.repositoryUrl, tag: image.tag },
  });

// UTC and whole seconds, whatever the builder wrote.
const writeTime = (created: string | undefined): string | undefined => {
  const time = Date.parse(created ?? "");
  if (Number.isNaN(time)) return undefined;
  const text = new Date(time).toISOString();
  return /^\d{4}-/.test(text) ? text.replace(/\.\d+Z$/, "Z") : undefined;
};

const writeRoot = ({ image, layers, base }: Sbom): Fields => {
  const purl = rootRef(image);
  const facts = layers.flatMap(({ index, diffId, digest, createdBy }) => [
    [`layer:${index}:diffId`, diffId] as const,
    [`layer:${index}:digest`, digest] as const,
    [`layer:${index}:createdBy`, createdBy] as const,
    [`layer:${index}:base`, isOfBase(base, index)] as const,
  ]);
  return {
    type: "container",
    "bom-ref": purl,
    name: image.name === "" ? "image" : image.name,
    version: image.digest,
    hashes: [writeHash(image.digest)],
    purl,
    ...writeProperties([
      ["base:digest", base?.digest],
      ["base:layers", base?.layers === undefined ? "unknown" : String(base.layers)],
      ["base:name", base?.name],
      ["base:source", base?.source],
      ["image:architecture", image.platform.architecture],
      ["image:configDigest", image.configDigest],
      ["image:os", image.platform.os],
      ["image:variant", image.platform.variant],
      ...facts,
    ]),
  };
};
