import type { Ctx } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { writeCycloneDxIndex } from "#sbom/cyclonedxIndex.ts";
import type { CycloneDxVersion } from "#sbom/cyclonedx/version.ts";
import type { CarriedAttestation } from "#sbom/sbomIndex.ts";
import { nameOfImage } from "#app/nameOfImage.ts";
import { readCarriedAttestations } from "#app/readCarriedAttestations.ts";
import { isAttestationChild } from "#app/resolveImage.ts";
import type { ResolvedImage } from "#app/resolveImage.ts";

export interface IndexInput {
  readonly index: ResolvedImage;
  /** Documents of its children, of images and of indexes within it. */
  readonly made: ReadonlyMap<Digest, Uint8Array>;
  readonly format: CycloneDxVersion;
  readonly version: string;
  /** What the document calls it; undefined: its own title. */
  readonly name: string | undefined;
}

/** What an index is made of. */
export interface IndexDescription {
  /** CycloneDX JSON. */
  readonly document: Uint8Array;
  readonly attestations: ReadonlyMap<Digest, readonly CarriedAttestation[]>;
  /** What of it could not be read, in words. */
  readonly unknowns: readonly string[];
}

/** Describes an index by the documents of its children, and by the attestations that a builder put beside them. */
export const describeIndex = async (
  ctx: Ctx,
  { index, made, format, version, name: chosen }: IndexInput,
): Promise<IndexDescription> => {
  if (index.manifest.kind !== "index") throw new WaybillError("USAGE_INVALID", `${index.digest} is no index`);
  const { byImage, unknowns } = await readCarriedAttestations(ctx, index);
  const images = index.manifest.manifests.flatMap((child) => {
    const document = isAttestationChild(child) ? undefined : made.get(child.digest);
    return document === undefined ? [] : { document, attestations: byImage.get(child.digest) ?? [] };
  });
  const name = chosen ?? nameOfImage(index.manifest);
  const document = writeCycloneDxIndex({ name, digest: index.digest, images, unknowns }, format, version);
  return { document, attestations: byImage, unknowns };
};
