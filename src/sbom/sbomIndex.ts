import type { Digest } from "#core/digest.ts";

/** An attestation that a builder put beside an image, inside the image's index. A claim: nobody has verified it. */
export interface CarriedAttestation {
  /** Manifest in which it lies. */
  readonly manifest: Digest;
  /** The statement itself, a layer of that manifest. */
  readonly statement: Digest;
  /** As the layer is annotated; undefined where it is not. */
  readonly predicateType: string | undefined;
}

/** The list of contents of one image of an index. */
export interface IndexedSbom {
  /** CycloneDX JSON, as this program writes it: exactly the bytes that are kept or attested. */
  readonly document: Uint8Array;
  readonly attestations: readonly CarriedAttestation[];
}

/** What the document of an index is about. */
export interface SbomIndex {
  /** As in `SbomImage`. */
  readonly name: string;
  readonly digest: Digest;
  /** In the index's own order. */
  readonly images: readonly IndexedSbom[];
  /** What could not be read of the index, in words. */
  readonly unknowns: readonly string[];
}
