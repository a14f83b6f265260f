import type { Ctx } from "#core/ctx.ts";
import type { Descriptor } from "#core/descriptor.ts";
import { isDigest } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { hasCode } from "#core/errors.ts";
import { mapLimited } from "#core/limit.ts";
import type { CarriedAttestation } from "#sbom/sbomIndex.ts";
import { isAttestationChild, readChild } from "#app/resolveImage.ts";
import type { ResolvedImage } from "#app/resolveImage.ts";

/** What a builder put beside the images of an index. */
export interface CarriedAttestations {
  /** By the image that they are about. */
  readonly byImage: ReadonlyMap<Digest, readonly CarriedAttestation[]>;
  /** Those that could not be read, in words. */
  readonly unknowns: readonly string[];
}

const PARALLEL_READS = 4;
// BuildKit makes one manifest for each image, with a provenance and a few SBOMs.
const MAX_MANIFESTS = 1000;
const MAX_STATEMENTS = 100;
const MAX_TYPE = 500;

/**
 * Reads the manifests of BuildKit's attestations (docs.docker.com/build/metadata/attestations/attestation-storage) among the
 * children of an index: which statements there are about which image. The statements are left where they lie. A manifest that is
 * gone or damaged is named; a registry that does not answer is thrown.
 */
export const readCarriedAttestations = async (ctx: Ctx, index: ResolvedImage): Promise<CarriedAttestations> => {
  const children = index.manifest.kind === "index" ? index.manifest.manifests.filter(isAttestationChild) : [];
  const unknowns: string[] =
    children.length > MAX_MANIFESTS ? [`${children.length - MAX_MANIFESTS} attestation manifests are not read`] : [];
  const read = await mapLimited(children.slice(0, MAX_MANIFESTS), PARALLEL_READS, (child) =>
    readStatements(ctx, index, child, unknowns),
  );
  const byImage = new Map<Digest, CarriedAttestation[]>();
  for (const { image, statements } of read) {
    if (image !== undefined) byImage.set(image, [...(byImage.get(image) ?? []), ...statements]);
  }
  return { byImage, unknowns: unknowns.toSorted() };
};

interface Statements {
  readonly image: Digest | undefined;
  readonly statements: readonly CarriedAttestation[];
}

const readStatements = async (
  ctx: Ctx,
  index: ResolvedImage,
  child: Descriptor,
  unknowns: string[],
): Promise<Statements> => {
  const about = child.annotations?.["vnd.docker.reference.digest"];
  const image = isDigest(about) ? about : undefined;
  try {
    const { manifest } = await readChild(ctx, index, child);
    const layers = manifest.kind === "image" ? manifest.layers : [];
    if (layers.length > MAX_STATEMENTS) unknowns.push(`${child.digest} holds ${layers.length} statements`);
    const statements = layers.slice(0, MAX_STATEMENTS).map(({ digest, annotations }) => ({
      manifest: child.digest,
      statement: digest,
      predicateType: annotations?.["in-toto.io/predicate-type"]?.slice(0, MAX_TYPE),
    }));
    return { image, statements };
  } catch (error) {
    if (!hasCode(error, "NOT_FOUND", "INPUT_INVALID", "LIMIT_EXCEEDED", "SIZE_SHORT", "SIZE_LONG", "DIGEST_MISMATCH"))
      throw error;
    unknowns.push(`the attestation manifest ${child.digest}: ${error.message}`);
    return { image, statements: [] };
  }
};
